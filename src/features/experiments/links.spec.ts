import { describe, expect, it } from 'vitest';

import {
  compareName,
  decodeLink,
  encodeLink,
  legalNames,
  linkUrl
} from './links';
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

describe('a comparison in a link', () => {
  it('keeps legal names only, each once, at most fifty', () => {
    const many = Array.from({ length: 60 }, (_, i) => `run-${i}`);
    expect(legalNames([...many, 'run-0'])).toEqual(many.slice(0, 50));
    expect(legalNames(['ok', '<b>', '-x', '', 'ok', null])).toEqual([
      'ok',
      'null'
    ]);
    expect([legalNames(undefined), legalNames('abc'), legalNames({})]).toEqual([
      [],
      [],
      []
    ]);
  });

  it('has room for fifty names of full length', () => {
    const names = Array.from({ length: 50 }, (_, i) =>
      `n${i}`.padEnd(120, 'x')
    );
    const link = {
      v: 1,
      feature: 'compare',
      name: compareName(names),
      view: { names }
    } as const;
    expect(decodeLink(encodeLink(link))).toEqual(link);
  });

  it('is one page for the same trials in the same order', () => {
    expect(compareName(['a', 'b'])).toBe(compareName(['a', 'b']));
    expect(compareName(['a', 'b'])).not.toBe(compareName(['b', 'a']));
    expect(compareName(['a', 'b'])).toMatch(/^compare-[0-9a-f]+$/);
  });
});
