import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ILiveEvent } from '../tokens';
import { LiveEvents } from './events';

interface IFrame {
  op: string;
  topics: string[];
  since?: number;
  boot?: string;
}

/** The far end: every socket that was opened, what it was sent, and hands to move it. */
class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1];
  }

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  readonly sent: IFrame[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as IFrame);
  }

  close(): void {
    this.closed = true;
    this.onclose?.();
  }

  open(boot = 'A', seq = 10): void {
    this.onopen?.();
    this.say({
      seq,
      topic: 'hello',
      type: 'hello',
      data: { version: '0', boot }
    });
  }

  say(...events: object[]): void {
    this.onmessage?.({ data: JSON.stringify(events) });
  }
}

const event = (seq: number, topic: string, type = 'updated'): ILiveEvent => ({
  seq,
  topic,
  type,
  data: {}
});

let live: LiveEvents;
let why: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  FakeSocket.all = [];
  why = vi.fn(async () => {
    throw new Error('the reason');
  });
  live = new LiveEvents({
    settings: {
      wsUrl: 'ws://host/base/',
      token: 'a&b',
      appendToken: true,
      WebSocket: FakeSocket as unknown as typeof WebSocket
    },
    why: why as () => Promise<void>
  });
});

afterEach(() => {
  live.dispose();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const flush = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('the live socket', () => {
  it('connects at the first subscription and not before, below the base url, with the token', () => {
    expect(live.state).toBe('idle');
    expect(FakeSocket.all).toHaveLength(0);

    live.subscribe('jobs', () => undefined);

    expect(live.state).toBe('connecting');
    expect(FakeSocket.last.url).toBe(
      'ws://host/base/mlstudio/api/v1/events?token=a%26b'
    );
  });

  it('sends topics that mount in one tick in one frame, and each only once', async () => {
    live.subscribe('jobs', () => undefined);
    FakeSocket.last.open();
    await flush();
    FakeSocket.last.sent.length = 0;

    live.subscribe('experiment:a', () => undefined);
    live.subscribe('experiment:b', () => undefined);
    live.subscribe('experiment:a', () => undefined);
    await flush();

    expect(FakeSocket.last.sent).toEqual([
      { op: 'subscribe', topics: ['experiment:a', 'experiment:b'] }
    ]);
  });

  it('hands an event to the listeners of its topic only, until they are disposed', () => {
    const jobs = vi.fn();
    const other = vi.fn();
    const held = live.subscribe('jobs', jobs);
    live.subscribe('experiments', other);
    FakeSocket.last.open();

    FakeSocket.last.say(event(11, 'jobs'));
    held.dispose();
    FakeSocket.last.say(event(12, 'jobs'));

    expect(jobs).toHaveBeenCalledTimes(1);
    expect(other).not.toHaveBeenCalled();
  });

  it('unsubscribes when the last listener of a topic goes', async () => {
    const first = live.subscribe('jobs', () => undefined);
    const second = live.subscribe('jobs', () => undefined);
    live.subscribe('experiments', () => undefined);
    FakeSocket.last.open();
    await flush();
    FakeSocket.last.sent.length = 0;

    first.dispose();
    await flush();
    expect(FakeSocket.last.sent).toEqual([]);
    second.dispose();
    await flush();

    expect(FakeSocket.last.sent).toEqual([
      { op: 'unsubscribe', topics: ['jobs'] }
    ]);
  });

  it('closes a while after nobody listens, and not when the next view takes over', async () => {
    const first = live.subscribe('jobs', () => undefined);
    FakeSocket.last.open();
    first.dispose();
    const second = live.subscribe('experiments', () => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.last.closed).toBe(false);

    second.dispose();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(FakeSocket.last.closed).toBe(true);
    expect(live.state).toBe('idle');
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('comes back after a loss and asks for what it missed', async () => {
    const on = vi.fn();
    live.subscribe('jobs', on);
    FakeSocket.last.open('A', 10);
    FakeSocket.last.say(event(14, 'jobs'));

    FakeSocket.last.close();
    expect(live.state).toBe('lost');
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open('A', 20);

    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.last.sent).toEqual([
      { op: 'subscribe', topics: ['jobs'], since: 14, boot: 'A' }
    ]);
    FakeSocket.last.say(event(14, 'jobs'), event(15, 'jobs'));
    expect(on.mock.calls.map(([one]) => (one as ILiveEvent).seq)).toEqual([
      14, 15
    ]);
  });

  it('says that all may be old when the first connection comes late', async () => {
    const jobs = vi.fn();
    live.subscribe('jobs', jobs);
    FakeSocket.last.close();
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.open();
    expect(jobs.mock.calls).toEqual([
      [expect.objectContaining({ topic: 'jobs', type: 'invalidate' })]
    ]);
    FakeSocket.last.close();
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.open();
    // Now the server is asked what was missed.
    expect(jobs).toHaveBeenCalledTimes(1);
  });

  it('waits longer after each failure, up to 30 seconds', async () => {
    live.subscribe('jobs', () => undefined);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      FakeSocket.last.close();
      const before = FakeSocket.all.length;
      let waited = 0;
      while (FakeSocket.all.length === before) {
        await vi.advanceTimersByTimeAsync(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([
      500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000
    ]);
  });

  it('does not wait when the machine comes online', () => {
    live.subscribe('jobs', () => undefined);
    FakeSocket.last.open();
    FakeSocket.last.close();

    window.dispatchEvent(new Event('online'));

    expect(FakeSocket.all).toHaveLength(2);
    expect(live.state).toBe('connecting');
  });

  it('takes events of a restarted server though their numbers are lower', async () => {
    const on = vi.fn();
    live.subscribe('jobs', on);
    FakeSocket.last.open('A', 500);
    FakeSocket.last.say(event(501, 'jobs'));
    FakeSocket.last.close();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open('B', 0);

    FakeSocket.last.say(event(0, 'jobs', 'invalidate'), event(3, 'jobs'));

    expect(on.mock.calls.map(([one]) => (one as ILiveEvent).type)).toEqual([
      'updated',
      'invalidate',
      'updated'
    ]);
  });

  it('asks for the reason after three refusals in a row and tells it', async () => {
    live.subscribe('jobs', () => undefined);
    for (let i = 0; i < 3; i++) {
      FakeSocket.last.close();
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(why).toHaveBeenCalledTimes(1);
    expect((live.problem as Error).message).toBe('the reason');

    FakeSocket.last.open();
    expect(live.problem).toBeNull();
  });

  it('ignores and counts what it cannot read, and goes on', () => {
    const on = vi.fn();
    live.subscribe('jobs', on);
    FakeSocket.last.open();

    FakeSocket.last.onmessage?.({ data: '<html>' });
    FakeSocket.last.say({ topic: 'jobs' }, event(11, 'jobs'));

    expect(live.ignored).toBe(2);
    expect(on).toHaveBeenCalledTimes(1);
  });

  it('lets no listener keep an event from the others', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const on = vi.fn();
    live.subscribe('jobs', () => {
      throw new Error('broken');
    });
    live.subscribe('jobs', on);
    FakeSocket.last.open();

    FakeSocket.last.say(event(11, 'jobs'));

    expect(on).toHaveBeenCalledTimes(1);
  });
});
