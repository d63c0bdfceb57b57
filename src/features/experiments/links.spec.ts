import { describe, expect, it } from 'vitest';

import { decodeLink, encodeLink, linkUrl } from './links';
import type { IViewLink } from './links';

const link: IViewLink = {
  v: 1,
  feature: 'component',
  name: 'run-1',
  view: { tab: 'log', note: 'ä €' }
};

describe('a link to a view', () => {
  it('comes back as it was, and is safe in an address', () => {
    const text = encodeLink(link);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeLink(text)).toEqual(link);
    expect(linkUrl('http://h/base/lab', link)).toBe(
      `http://h/base/lab?mlstudio=${text}`
    );
  });

  it.each([
    null,
    '',
    '***',
    btoa('7'),
    btoa('null'),
    btoa(JSON.stringify({ ...link, view: null, v: 2 })),
    btoa(JSON.stringify({ v: 1, feature: 'shell', name: 'a', view: {} })),
    btoa(
      JSON.stringify({
        v: 1,
        feature: 'component',
        name: '../../etc',
        view: {}
      })
    ),
    'A'.repeat(9000)
  ])('that is not ours (%s) is ignored', text => {
    expect(decodeLink(text)).toBeNull();
  });

  it('with a broken view opens with defaults', () => {
    const text = btoa(
      JSON.stringify({ v: 1, feature: 'experiment', name: 'a', view: [1] })
    );
    expect(decodeLink(text)?.view).toEqual({});
  });
});
