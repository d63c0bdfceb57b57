/**
 * `IStudioApi` and `ILiveEvents` without a server: requests travel to the kernel as comm messages.
 *
 * Paths, bodies, answers and errors are the HTTP API's, so that components do not know the
 * difference. Of live events there is one: the kernel says that something changed, and every
 * topic hears `invalidate`.
 */
import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';

import { errorOf, StudioError } from '../api/errors';
import type { paths } from '../api/schema';
import type { ILiveEvent, ILiveEvents, IStudioApi, LiveState } from '../tokens';
import { VERSION } from '../version';

/** What anywidget gives us of the model. */
export interface IModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, listener: (...given: never[]) => void): void;
  off(name: string, listener: (...given: never[]) => void): void;
  send(content: unknown): void;
}

interface IReply {
  readonly id?: number;
  readonly status?: number;
  readonly type?: string;
  readonly changed?: boolean;
}

interface IWaiting {
  resolve(response: Response): void;
  reject(error: unknown): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A kernel that is busy answers when its cell has ended; one that is gone, never. */
const PATIENCE_MS = 10 * 60_000;
const BASE = 'http://kernel.invalid';
const NO_BODY = new Set([204, 205, 304]);

/** The path as a URL has it: from the root, with its query. */
function withQuery(path: string, query?: Record<string, string>): string {
  const whole = path.startsWith('/') ? path : `/${path}`;
  const asked = new URLSearchParams(query).toString();
  return asked === '' ? whole : `${whole}?${asked}`;
}

export class KernelApi implements IStudioApi {
  constructor(private readonly model: IModel) {
    this.client = createClient<paths>({
      baseUrl: BASE,
      fetch: async request =>
        this.ask(
          request.method,
          request.url.slice(BASE.length),
          request.method === 'GET' ? '' : await request.text(),
          request.signal
        )
    });
    model.on('msg:custom', this.onMessage);
  }

  readonly client: Client<paths>;
  readonly version = VERSION;

  async checkVersion(): Promise<void> {
    // The page and the kernel's package are one: it sent us.
  }

  url(path: string): string {
    return path;
  }

  async bytes(
    path: string,
    query?: Record<string, string>,
    signal?: AbortSignal
  ): Promise<ArrayBuffer> {
    const whole = withQuery(path, query);
    return (await this.ask('GET', whole, '', signal)).arrayBuffer();
  }

  async postBytes(
    path: string,
    body: unknown,
    signal?: AbortSignal
  ): Promise<ArrayBuffer> {
    const text = JSON.stringify(body);
    return (await this.ask('POST', path, text, signal)).arrayBuffer();
  }

  async request(
    path: string,
    init: RequestInit = {},
    query?: Record<string, string>
  ): Promise<Response> {
    const body = typeof init.body === 'string' ? init.body : '';
    const whole = withQuery(path, query);
    return this.ask(init.method ?? 'GET', whole, body, init.signal);
  }

  dispose(): void {
    this.model.off('msg:custom', this.onMessage);
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new StudioError('aborted', 'aborted'));
    }
    this.waiting.clear();
    this.listeners.clear();
  }

  /** Call `on` when the kernel says that the store has changed. */
  onChange(on: () => void): () => void {
    this.listeners.add(on);
    return () => this.listeners.delete(on);
  }

  private ask(
    method: string,
    path: string,
    body: string,
    signal?: AbortSignal | null
  ): Promise<Response> {
    const id = ++this.last;
    if (signal?.aborted) {
      return Promise.reject(new StudioError('aborted', 'aborted'));
    }
    return new Promise<Response>((resolve, reject) => {
      const fail = (code: string, message: string): void => {
        clearTimeout(this.waiting.get(id)?.timer);
        this.waiting.delete(id);
        reject(new StudioError(code, message));
      };
      const timer = setTimeout(
        () => fail('unreachable', 'The kernel does not answer.'),
        PATIENCE_MS
      );
      this.waiting.set(id, { resolve, reject, timer });
      signal?.addEventListener('abort', () => fail('aborted', 'aborted'));
      this.model.send({ id, method, path, body });
    });
  }

  private onMessage = (reply: IReply, buffers?: readonly DataView[]): void => {
    if (reply.changed === true) {
      this.listeners.forEach(on => on());
      return;
    }
    const id = reply.id ?? 0;
    const waiting = this.waiting.get(id);
    if (waiting === undefined) {
      return; // aborted, or another view's: models are shared
    }
    this.waiting.delete(id);
    clearTimeout(waiting.timer);
    const view = buffers?.[0];
    const body =
      view === undefined
        ? new ArrayBuffer(0)
        : view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    const status = reply.status ?? 500;
    if (status >= 400) {
      waiting.reject(errorOf(status, new TextDecoder().decode(body)));
      return;
    }
    const headers = { 'Content-Type': reply.type ?? 'application/json' };
    // A browser refuses a body, even an empty one, where the status says that there is none.
    const none = NO_BODY.has(status);
    waiting.resolve(new Response(none ? null : body, { status, headers }));
  };

  /** Views of one model hear each other's answers: ids must differ between them. */
  private last = Math.floor(Math.random() * 2 ** 40) * 1000;
  private waiting = new Map<number, IWaiting>();
  private listeners = new Set<() => void>();
}

/** Live events over a `KernelApi`. */
export class KernelLive implements ILiveEvents {
  constructor(private readonly api: KernelApi) {}

  readonly state: LiveState = 'open';
  readonly problem = null;
  readonly ignored = 0;
  /** Nobody hears of a state that never changes. */
  readonly stateChanged = {
    connect: () => true,
    disconnect: () => true
  } as unknown as ILiveEvents['stateChanged'];

  subscribe(
    topic: string,
    on: (event: ILiveEvent) => void
  ): ReturnType<ILiveEvents['subscribe']> {
    const stop = this.api.onChange(() =>
      on({ seq: 0, topic, type: 'invalidate', data: {} })
    );
    const held = {
      isDisposed: false,
      dispose: () => {
        held.isDisposed = true;
        stop();
      }
    };
    return held;
  }
}
