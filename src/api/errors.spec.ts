import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { StudioError, asStudioError, bannerOf, errorOf } from './errors';

const trans = nullTranslator.load('mlstudio');

describe('a failed answer', () => {
  it('says what the server said, with its hint', () => {
    const body = JSON.stringify({
      error: {
        code: 'disk_full',
        message: 'free 3 MB at /data',
        field: null,
        hint: 'Free some.'
      }
    });
    const banner = bannerOf(errorOf(507, body), trans);
    expect(banner).toEqual({
      code: 'disk_full',
      text: 'free 3 MB at /data',
      hint: 'Free some.',
      retry: true
    });
  });

  it('of a proxy is named as such, without its HTML', () => {
    const error = errorOf(
      502,
      '<html><title>502 Bad Gateway</title><body onload=alert(1)>'
    );
    expect(error.code).toBe('proxy');
    expect(bannerOf(error, trans).text).toContain('502 Bad Gateway');
    expect(bannerOf(error, trans).text).not.toContain('<');
  });

  it('tells no login from no right by the code, not by the status', () => {
    const forbidden = errorOf(
      403,
      '{"error":{"code":"forbidden","message":"no"}}'
    );
    const login = errorOf(
      403,
      '{"error":{"code":"unauthenticated","message":"no"}}'
    );
    expect(bannerOf(forbidden, trans).retry).toBe(false);
    expect(bannerOf(login, trans).hint).toContain('log in');
  });

  it.each([
    ['null', 404, 'not_found'],
    ['{"message":"Forbidden"}', 403, 'forbidden'],
    ['{"error":{"code":7}}', 500, 'internal'],
    ['[]', 413, 'too_large']
  ])('with the body %s gets a code from its status', (body, status, code) => {
    expect(errorOf(status, body).code).toBe(code);
  });
});

describe('anything that was thrown', () => {
  it.each([
    [new TypeError('Failed to fetch'), 'network'],
    [
      Object.assign(new Error('Loading chunk 7 failed'), {
        name: 'ChunkLoadError'
      }),
      'reload'
    ],
    [Object.assign(new Error('stop'), { name: 'AbortError' }), 'aborted'],
    ['text', 'internal'],
    [new StudioError('bad_query', 'at 1:9'), 'bad_query']
  ])('%s has a code and one text', (thrown, code) => {
    expect(asStudioError(thrown).code).toBe(code);
    expect(bannerOf(thrown, trans).text).not.toBe('');
  });
});
