/**
 * The one socket: subscribe to topics, survive everything that happens to a connection.
 *
 * Promises: an event reaches a listener at most once (by seq); after a gap that the server
 * cannot fill, or a restarted server, listeners get one `invalidate` instead of silence; a lost
 * connection comes back by itself (0.5 s doubling to 30 s, ±30 %; at once when the machine wakes
 * or comes online). Nothing is connected before the first subscription.
 */
import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { ILiveEvent, ILiveEvents, LiveState } from '../tokens';

type Listener = (event: ILiveEvent) => void;

const FIRST_DELAY = 500;
const LAST_DELAY = 30_000;
const JITTER = 0.3;
/** The server's limit of topics in one operation. */
const MAX_TOPICS = 200;
/** A view that is replaced by the next one should not cost a connection. */
const LINGER = 5_000;
/** Refusals in a row before the reason is asked over HTTP. */
const REFUSALS = 3;

/** What the socket needs from outside. */
export interface ILiveOptions {
  readonly settings: Pick<
    ServerConnection.ISettings,
    'wsUrl' | 'token' | 'appendToken' | 'WebSocket'
  >;
  /** Ask over HTTP why the socket is refused; throws the reason. */
  readonly why?: () => Promise<void>;
}

function isEvent(value: unknown): value is ILiveEvent {
  const event = value as Partial<ILiveEvent> | null;
  return (
    typeof event === 'object' &&
    event !== null &&
    typeof event.seq === 'number' &&
    typeof event.topic === 'string' &&
    typeof event.type === 'string'
  );
}

/** `ILiveEvents` over a WebSocket. */
export class LiveEvents implements ILiveEvents, IDisposable {
  constructor(options: ILiveOptions) {
    this.#options = options;
    window.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
  }

  get state(): LiveState {
    return this.#state;
  }

  get stateChanged(): ISignal<this, void> {
    return this.#stateChanged;
  }

  get problem(): unknown {
    return this.#problem;
  }

  get ignored(): number {
    return this.#ignored;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  subscribe(topic: string, on: Listener): IDisposable {
    let listeners = this.#topics.get(topic);
    if (!listeners) {
      listeners = new Set();
      this.#topics.set(topic, listeners);
      this.#pending.set(topic, 'subscribe');
      this.#flushSoon();
    }
    // The same function may listen twice: each subscription is its own entry.
    const entry: Listener = event => on(event);
    listeners.add(entry);
    window.clearTimeout(this.#lingering);
    if (this.#state === 'idle') {
      this.#connect();
    }
    return new DisposableDelegate(() => this.#drop(topic, entry));
  }

  dispose(): void {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    window.removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#topics.clear();
    this.#close();
    Signal.clearData(this);
  }

  #drop(topic: string, entry: Listener): void {
    const listeners = this.#topics.get(topic);
    if (!listeners?.delete(entry) || listeners.size > 0) {
      return;
    }
    this.#topics.delete(topic);
    this.#seen.delete(topic);
    this.#pending.set(topic, 'unsubscribe');
    this.#flushSoon();
    if (this.#topics.size === 0) {
      window.clearTimeout(this.#lingering);
      this.#lingering = window.setTimeout(() => {
        if (this.#topics.size === 0) {
          this.#close();
        }
      }, LINGER);
    }
  }

  #close(): void {
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#lingering);
    const socket = this.#socket;
    this.#socket = null;
    this.#pending.clear();
    this.#attempt = 0;
    socket?.close();
    this.#enter('idle');
  }

  #url(): string {
    const { wsUrl, token, appendToken } = this.#options.settings;
    const url = URLExt.join(wsUrl, 'mlstudio/api/v1/events');
    return appendToken && token
      ? `${url}?token=${encodeURIComponent(token)}`
      : url;
  }

  #connect(): void {
    window.clearTimeout(this.#timer);
    this.#enter('connecting');
    const socket = new this.#options.settings.WebSocket(this.#url());
    let opened = false;
    this.#socket = socket;
    socket.onopen = () => {
      opened = true;
      this.#attempt = 0;
      this.#refused = 0;
      this.#problem = null;
      this.#enter('open');
      this.#resubscribe();
    };
    socket.onmessage = message => {
      if (socket === this.#socket) {
        this.#receive(message.data);
      }
    };
    socket.onclose = () => {
      if (socket === this.#socket) {
        this.#lost(opened);
      }
    };
  }

  #lost(opened: boolean): void {
    this.#socket = null;
    this.#enter('lost');
    this.#missed ||= this.#boot === null;
    if (!opened && ++this.#refused === REFUSALS) {
      this.#options.why?.().catch((reason: unknown) => {
        this.#problem = reason;
        this.#stateChanged.emit();
      });
    }
    const delay = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.#attempt++);
    const jitter = 1 + JITTER * (2 * Math.random() - 1);
    this.#timer = window.setTimeout(() => this.#connect(), delay * jitter);
  }

  /** The machine woke up or came online: do not wait for the timer. */
  readonly #wake = (): void => {
    if (this.#state === 'lost' && document.visibilityState !== 'hidden') {
      this.#attempt = 0;
      this.#connect();
    }
  };

  /** After a reconnection: every topic again, from the last event seen on. */
  #resubscribe(): void {
    this.#pending.clear();
    const topics = [...this.#topics.keys()];
    const known = this.#boot !== null && this.#last > 0;
    for (let i = 0; i < topics.length; i += MAX_TOPICS) {
      this.#send({
        op: 'subscribe',
        topics: topics.slice(i, i + MAX_TOPICS),
        ...(known ? { since: this.#last, boot: this.#boot } : {})
      });
    }
  }

  /** Views mount in one tick: their topics travel in one frame. */
  #flushSoon(): void {
    if (this.#flushing) {
      return;
    }
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.#state !== 'open') {
        return;
      }
      for (const op of ['unsubscribe', 'subscribe'] as const) {
        const topics = [...this.#pending]
          .filter(([, wanted]) => wanted === op)
          .map(([topic]) => topic);
        for (let i = 0; i < topics.length; i += MAX_TOPICS) {
          this.#send({ op, topics: topics.slice(i, i + MAX_TOPICS) });
        }
      }
      this.#pending.clear();
    });
  }

  #send(operation: object): void {
    this.#socket?.send(JSON.stringify(operation));
  }

  #receive(frame: unknown): void {
    let events: unknown;
    try {
      events = JSON.parse(String(frame));
    } catch {
      this.#ignored++;
      return;
    }
    for (const event of Array.isArray(events) ? events : [events]) {
      if (isEvent(event)) {
        this.#dispatch(event);
      } else {
        this.#ignored++;
      }
    }
  }

  #dispatch(event: ILiveEvent): void {
    if (event.topic === 'hello') {
      this.#hello(event);
      return;
    }
    const listeners = this.#topics.get(event.topic);
    if (!listeners) {
      return;
    }
    if (event.type !== 'invalidate') {
      if (event.seq <= (this.#seen.get(event.topic) ?? 0)) {
        return;
      }
      this.#seen.set(event.topic, event.seq);
    }
    this.#last = Math.max(this.#last, event.seq);
    for (const listener of [...listeners]) {
      try {
        listener(event);
      } catch (error) {
        console.error('mlstudio: a listener failed', event.topic, error);
      }
    }
  }

  /** Another boot: seqs begin anew. The server invalidates, because we named the old boot. */
  #hello(event: ILiveEvent): void {
    const boot = (event.data as { boot?: unknown } | null)?.boot;
    if (typeof boot !== 'string') {
      this.#ignored++;
      return;
    }
    if (this.#boot !== boot) {
      this.#seen.clear();
      this.#last = event.seq;
      this.#boot = boot;
    }
    if (this.#missed) {
      // The first connection came late and no seq was known to ask from: what was read meanwhile may be old.
      this.#missed = false;
      for (const topic of [...this.#topics.keys()]) {
        this.#dispatch({ ...event, topic, type: 'invalidate', data: {} });
      }
    }
  }

  #enter(state: LiveState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#stateChanged.emit();
    }
  }

  readonly #options: ILiveOptions;
  readonly #topics = new Map<string, Set<Listener>>();
  readonly #pending = new Map<string, 'subscribe' | 'unsubscribe'>();
  readonly #seen = new Map<string, number>();
  readonly #stateChanged = new Signal<this, void>(this);
  #socket: WebSocket | null = null;
  #state: LiveState = 'idle';
  #problem: unknown = null;
  #boot: string | null = null;
  #last = 0;
  #attempt = 0;
  #refused = 0;
  #ignored = 0;
  #timer = 0;
  #lingering = 0;
  #flushing = false;
  #disposed = false;
  /** Whether a connection failed before there was ever one. */
  #missed = false;
}
