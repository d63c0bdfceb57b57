import { describe, expect, it, vi } from 'vitest';

import { asStudioError } from '../api/errors';
import { KernelApi, KernelLive, type IModel } from './kernelApi';

interface ISent {
  readonly id: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A model whose kernel answers by hand. */
class Model implements IModel {
  readonly sent: ISent[] = [];
  readonly listeners: ((...given: unknown[]) => void)[] = [];
  get = (): unknown => undefined;
  set = (): void => undefined;
  save_changes = (): void => undefined;
  on = (_name: string, listener: (...given: never[]) => void): void => {
    this.listeners.push(listener as (...given: unknown[]) => void);
  };
  off = (_name: string, listener: (...given: never[]) => void): void => {
    this.listeners.splice(
      this.listeners.indexOf(listener as (...given: unknown[]) => void),
      1
    );
  };
  send = (content: unknown): void => {
    this.sent.push(content as ISent);
  };
  answer(id: number, status: number, body: string): void {
    const bytes = new TextEncoder().encode(`..${body}`);
    const view = new DataView(bytes.buffer, 2);
    const type = 'application/json';
    this.listeners.forEach(on => on({ id, status, type }, [view]));
  }
  change(): void {
    this.listeners.forEach(on => on({ changed: true }));
  }
}

const sentBy = async (model: Model): Promise<ISent> =>
  vi.waitUntil(() => model.sent.at(-1));

describe('KernelApi', () => {
  it('sends a typed request and reads its answer', async () => {
    const model = new Model();
    const api = new KernelApi(model);
    const asked = api.client.POST('/tables', {
      body: { scope: { experiment: 'mnist' } }
    });
    const { id, method, path, body } = await sentBy(model);
    expect([method, path]).toEqual(['POST', '/tables']);
    expect(JSON.parse(body)).toEqual({ scope: { experiment: 'mnist' } });
    model.answer(id, 200, '{"rows": 0}');
    expect((await asked).data).toEqual({ rows: 0 });
  });

  it('puts names into paths, encoded', async () => {
    const model = new Model();
    void new KernelApi(model).client.GET('/experiments/{name}', {
      params: { path: { name: 'a b' } }
    });
    expect((await sentBy(model)).path).toBe('/experiments/a%20b');
  });

  it('gives bytes as they are', async () => {
    const model = new Model();
    const asked = new KernelApi(model).postBytes('/curves', { series: [] });
    model.answer((await sentBy(model)).id, 200, 'MLC1');
    expect(new TextDecoder().decode(await asked)).toBe('MLC1');
  });

  it('gives an answer without a body as one', async () => {
    const model = new Model();
    const asked = new KernelApi(model).request('/x', { method: 'DELETE' });
    model.answer((await sentBy(model)).id, 204, '');
    expect((await asked).status).toBe(204);
  });

  it('sends the query of a request, and gives it up when it is aborted', async () => {
    const model = new Model();
    const api = new KernelApi(model);
    const abort = new AbortController();
    const { signal } = abort;
    const asked = api.request('x', { signal }, { a: '1 2' });
    expect((await sentBy(model)).path).toBe('/x?a=1+2');
    abort.abort();
    const error = await asked.catch((e: unknown) => e);
    expect(asStudioError(error).code).toBe('aborted');
    const late = await api.bytes('/y', {}, signal).catch((e: unknown) => e);
    expect(asStudioError(late).code).toBe('aborted');
    expect(model.sent).toHaveLength(1);
  });

  it('throws the error that the kernel answered', async () => {
    const model = new Model();
    const asked = new KernelApi(model).postBytes('/curves', {});
    const { id } = await sentBy(model);
    model.answer(
      id,
      404,
      '{"error": {"code": "not_found", "message": "gone"}}'
    );
    const error = asStudioError(await asked.catch((e: unknown) => e));
    expect([error.code, error.message]).toEqual(['not_found', 'gone']);
  });

  it('lets go of what was aborted, and of everything when its view goes', async () => {
    const model = new Model();
    const api = new KernelApi(model);
    const abort = new AbortController();
    const first = api.bytes('/x', {}, abort.signal).catch((e: unknown) => e);
    abort.abort();
    expect(asStudioError(await first).code).toBe('aborted');
    const second = api.bytes('/y').catch((e: unknown) => e);
    api.dispose();
    expect(asStudioError(await second).code).toBe('aborted');
    expect(model.listeners).toHaveLength(0);
  });

  it('does not take the answer of another view', async () => {
    const model = new Model();
    const asked = new KernelApi(model).bytes('/x');
    const { id } = await sentBy(model);
    model.answer(id + 1, 200, 'theirs');
    model.answer(id, 200, 'mine');
    expect(new TextDecoder().decode(await asked)).toBe('mine');
  });
});

describe('KernelLive', () => {
  it('invalidates every topic when the store has changed', () => {
    const model = new Model();
    const live = new KernelLive(new KernelApi(model));
    const heard: string[] = [];
    const one = live.subscribe('a', e => heard.push(`${e.topic} ${e.type}`));
    live.subscribe('b', e => heard.push(`${e.topic} ${e.type}`));
    model.change();
    one.dispose();
    model.change();
    expect(heard).toEqual(['a invalidate', 'b invalidate', 'b invalidate']);
  });
});
