import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';

import { StudioApi, unwrap } from './client';
import { StudioError } from './errors';

/** A server that answers what it is told, and remembers what it was asked. */
function server(answer: () => Response | Promise<Response>): {
  api: StudioApi;
  asked: Request[];
} {
  const asked: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://host/user/me/',
    token: 'secret',
    fetch: async (request: RequestInfo) => {
      asked.push(request as Request);
      return answer();
    }
  });
  return { api: new StudioApi(settings), asked };
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' }
  });

const failure = async (work: Promise<unknown>): Promise<StudioError> =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: StudioError) => error
  );

describe('the client', () => {
  it('asks below the base url, with the token, and escapes names', async () => {
    const { api, asked } = server(() => json({ name: 'a' }));
    const answer = await api.client.GET('/experiments/{name}', {
      params: { path: { name: 'a/../b c' } }
    });
    expect(unwrap(answer)).toEqual({ name: 'a' });
    expect(asked[0].url).toMatch(
      /^http:\/\/host\/user\/me\/mlstudio\/api\/v1\/experiments\/a%2F\.\.%2Fb%20c(\?\d+)?$/
    );
    expect(asked[0].headers.get('Authorization')).toBe('token secret');
  });

  it('sends JSON as JSON, typed calls and binary ones alike', async () => {
    const { api, asked } = server(() => json({}));
    await api.client.POST('/jobs/{name}/stop', {
      params: { path: { name: 'j' } },
      body: { grace: 5, reason: 'user' }
    });
    await api.postBytes('curves', { series: [] });
    expect(await asked[0].json()).toEqual({ grace: 5, reason: 'user' });
    expect(await asked[1].json()).toEqual({ series: [] });
    expect(asked.map(one => one.headers.get('Content-Type'))).toEqual([
      'application/json',
      'application/json'
    ]);
  });

  it('throws what the server said', async () => {
    const body = {
      error: { code: 'conflict', message: 'It runs.', hint: 'Stop it.' }
    };
    const { api } = server(() => json(body, 409));
    const error = await failure(api.client.GET('/jobs'));
    expect([error.code, error.message, error.hint, error.status]).toEqual([
      'conflict',
      'It runs.',
      'Stop it.',
      409
    ]);
  });

  it('takes a page of HTML for what it is, though its status is 200', async () => {
    const login = (): Response =>
      new Response('<title>Log in</title>', {
        headers: { 'Content-Type': 'text/html' }
      });
    const error = await failure(server(login).api.client.GET('/jobs'));
    expect([error.code, error.message]).toEqual(['proxy', 'Log in']);
  });

  it('names a server that does not answer', async () => {
    const { api } = server(() =>
      Promise.reject(new TypeError('Failed to fetch'))
    );
    expect((await failure(api.bytes('curves'))).code).toBe('network');
  });

  it('names a missing server part, and one that speaks another API', async () => {
    const missing = server(() => json({ message: 'Not Found' }, 404)).api;
    expect((await failure(missing.checkVersion())).code).toBe('not_installed');
    const other = server(() => json({ version: '9.0.0', api: 9 })).api;
    const error = await failure(other.checkVersion());
    expect(error.code).toBe('version_mismatch');
    expect(error.message).toContain('9.0.0');
    await server(() => json({ version: '0.1.0', api: 1 })).api.checkVersion();
  });
});
