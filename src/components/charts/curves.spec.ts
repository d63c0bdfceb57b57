import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ILiveEvent, ILiveEvents, IStudioApi } from '../../tokens';
import { CurveSet, type ICurveAsk } from './curves';

interface IBody {
  series: { component: string; name: string; context: object }[];
  x: string;
  range: [number, number] | null;
  smooth: number;
}

const text = new TextEncoder();

/** An MLC1 body of three points for each series asked for. */
function mlc1(
  body: IBody,
  x0: number,
  start: number | null = null
): ArrayBuffer {
  const series = body.series.map((id, i) => ({
    ...id,
    n: 3,
    total: 3,
    level: 'all',
    n_nan: 0,
    nan_x: [],
    columns: ['x', 'y'],
    offset: i * 6,
    start
  }));
  const raw = text.encode(JSON.stringify({ x: body.x, series }));
  const length = Math.ceil((8 + raw.length) / 8) * 8 - 8;
  const out = new Uint8Array(8 + length + series.length * 48).fill(32);
  out.set(text.encode('MLC1'));
  const view = new DataView(out.buffer);
  view.setUint32(4, length, true);
  out.set(raw, 8);
  series.forEach((_, i) => {
    [x0, x0 + 1, x0 + 2, 30, 20, 10].forEach((v, j) => {
      view.setFloat64(8 + length + (i * 6 + j) * 8, v, true);
    });
  });
  return out.buffer;
}

function b64(...numbers: number[]): string {
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer);
  return btoa(String.fromCharCode(...bytes));
}

function world(x0 = 0, start: number | null = null) {
  const asked: IBody[] = [];
  const topics = new Map<string, (event: ILiveEvent) => void>();
  const answer = vi.fn(async (_path: string, body: unknown) => {
    asked.push(body as IBody);
    return mlc1(body as IBody, x0, start);
  });
  const api = { postBytes: answer } as unknown as IStudioApi;
  const live = {
    subscribe: (topic: string, on: (event: ILiveEvent) => void) => {
      topics.set(topic, on);
      return { dispose: () => topics.delete(topic) };
    }
  } as unknown as ILiveEvents;
  const emit = (run: string, type: string, data: unknown): void =>
    topics.get(`points:${run}`)?.({
      seq: 1,
      topic: `points:${run}`,
      type,
      data
    });
  const changed = vi.fn();
  return {
    asked,
    topics,
    emit,
    changed,
    answer,
    set: new CurveSet(api, live, changed)
  };
}

const loss = (component: string) => ({ component, name: 'loss' });
const ask = (runs: string[], more: Partial<ICurveAsk> = {}): ICurveAsk => ({
  series: runs.map(loss),
  x: 'step',
  range: null,
  width: 600,
  smooth: 0,
  ...more
});
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(10);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('curves of a chart', () => {
  it('are asked for once, and only the new ones when a run is added', async () => {
    const { set, asked } = world();
    set.ask(ask(['a']));
    await settle();
    set.ask(ask(['a', 'b']));
    await settle();
    expect(asked.map(body => body.series.map(s => s.component))).toEqual([
      ['a'],
      ['b']
    ]);
    expect([...(set.get(loss('b'))?.y ?? [])]).toEqual([30, 20, 10]);
  });

  it('are all asked for again for a range, smoothing or another axis', async () => {
    const { set, asked } = world();
    set.ask(ask(['a', 'b']));
    await settle();
    set.ask(ask(['a', 'b'], { range: [1, 2], smooth: 0.5 }));
    await settle();
    expect(asked[1]).toMatchObject({ range: [1, 2], smooth: 0.5 });
    expect(asked[1].series).toHaveLength(2);
  });

  it('are asked for in parts of a hundred', async () => {
    const { set, asked } = world();
    set.ask(ask(Array.from({ length: 150 }, (_, i) => `r${i}`)));
    await settle();
    expect(asked.map(body => body.series.length)).toEqual([
      25, 25, 25, 25, 25, 25
    ]);
  });

  it('are drawn when they are answered, not when they are asked for', async () => {
    const { set, emit, changed } = world();
    set.ask(ask(['a']));
    await settle();
    expect(changed.mock.calls).toEqual([[true]]);
    set.ask(ask(['a'], { range: [1, 2] }));
    expect(set.loading).toBe(true);
    expect(changed).toHaveBeenCalledTimes(1);
    await settle();
    expect(set.loading).toBe(false);
    emit('a', 'append', {
      series: [{ name: 'loss', context: {}, n: 1, b64: b64(2, 100, 5) }]
    });
    expect(changed.mock.calls).toEqual([[true], [true], [false]]);
  });

  it('grow with live points of their own metric alone', async () => {
    const { set, emit, changed } = world();
    set.ask(ask(['a']));
    await settle();
    changed.mockClear();
    const series = [
      { name: 'loss', context: {}, n: 2, b64: b64(2, 3, 100, 101, 10, 5) },
      { name: 'other', context: {}, n: 1, b64: b64(9, 9, 9) }
    ];
    emit('a', 'append', { series });
    expect([...(set.get(loss('a'))?.x ?? [])]).toEqual([0, 1, 2, 3]);
    expect(changed).toHaveBeenCalledTimes(1);
    emit('a', 'append', { series });
    expect(set.get(loss('a'))?.length).toBe(4);
  });

  it.each([false, true])(
    'keep live points that came while an answer was on its way (again: %s)',
    async again => {
      const { set, emit, asked } = world();
      set.ask(ask(['a']));
      if (again) {
        await settle();
        set.refresh();
      }
      const one = { name: 'loss', context: {}, n: 1, b64: b64(3, 100, 5) };
      emit('a', 'append', { series: [one] });
      await vi.advanceTimersByTimeAsync(2000);
      expect([...(set.get(loss('a'))?.x ?? [])]).toEqual([0, 1, 2, 3]);
      expect(asked).toHaveLength(again ? 2 : 1);
      // Once a writer has surely stored it, the server's word alone stands.
      const later = performance.now() + 60000;
      vi.spyOn(performance, 'now').mockReturnValue(later);
      emit('a', 'append', { series: [] });
      set.refresh();
      await settle();
      expect(set.get(loss('a'))?.length).toBe(3);
      vi.restoreAllMocks();
    }
  );

  it('keep points that are in a journal only when everything is asked for again', async () => {
    const { set, emit } = world();
    set.ask(ask(['a']));
    await settle();
    emit('a', 'append', {
      series: [{ name: 'loss', context: {}, n: 2, b64: b64(3, 4, 1, 1, 7, 8) }]
    });
    set.ask(ask(['a'], { smooth: 0.5 }));
    await settle();
    expect([...(set.get(loss('a'))?.x ?? [])]).toEqual([0, 1, 2, 3, 4]);
    expect([...(set.get(loss('a'))?.y ?? [])].slice(-2)).toEqual([7, 8]);

    set.ask(ask(['a'], { range: [0, 3] }));
    await settle();
    expect([...(set.get(loss('a'))?.x ?? [])]).toEqual([0, 1, 2, 3]);
  });

  it.each([null, [0, 1000]] as const)(
    'count live points from the start of the run in relative time (range %s)',
    async range => {
      const { set, emit, asked } = world(30, 970);
      set.ask(ask(['a'], { x: 'relative', range }));
      await settle();
      expect(asked[0].x).toBe('relative');
      expect([...(set.get(loss('a'))?.x ?? [])]).toEqual([30, 31, 32]);
      emit('a', 'append', {
        series: [{ name: 'loss', context: {}, n: 1, b64: b64(77, 1005, 4) }]
      });
      expect(set.get(loss('a'))?.lastX).toBe(35);
    }
  );

  it('ask again for the start that nobody had said when the first point came', async () => {
    const { set, emit, asked } = world(0, null);
    set.ask(ask(['a'], { x: 'relative' }));
    await settle();
    emit('a', 'append', {
      series: [{ name: 'loss', context: {}, n: 1, b64: b64(77, 1005, 4) }]
    });
    expect(set.get(loss('a'))?.lastX).toBe(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
  });

  it('leave out live points beyond a zoomed range', async () => {
    const { set, emit } = world();
    set.ask(ask(['a'], { range: [0, 10] }));
    await settle();
    emit('a', 'append', {
      series: [{ name: 'loss', context: {}, n: 1, b64: b64(50, 1, 1) }]
    });
    expect(set.get(loss('a'))?.length).toBe(3);
  });

  it('are read again when they were rewritten, and after a frame that does not add up', async () => {
    const { set, emit, asked } = world();
    set.ask(ask(['a']));
    await settle();
    emit('a', 'rewritten', {});
    emit('a', 'append', {
      series: [{ name: 'loss', context: {}, n: 5, b64: b64(1) }]
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
  });

  it('are read to the end by a slow server while points go on', async () => {
    const { set, asked, answer, emit } = world();
    answer.mockImplementation(async (_path, body) => {
      asked.push(body as IBody);
      const x0 = asked.length * 100;
      await new Promise(resolve => setTimeout(resolve, 4000));
      return mlc1(body as IBody, x0);
    });
    set.ask(ask(['a'], { x: 'metric:acc' }));
    for (let i = 0; i < 60; i++) {
      emit('a', 'rewritten', {});
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(set.get(loss('a'))?.x[0]).toBeGreaterThan(300);
    expect(asked.length).toBeLessThan(9);
  });

  it('stay when an older request for everything is answered after a newer one', async () => {
    const { set, answer, asked } = world();
    let release = (): void => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    const at = answer.getMockImplementation()!;
    answer.mockImplementationOnce(async (path, body) => {
      await held;
      return at(path, body);
    });
    set.ask(ask(['a', 'c']));
    set.ask(ask(['a', 'b']));
    await settle();
    expect(set.shown).toBeNull();
    release();
    await settle();
    expect(asked).toHaveLength(2);
    expect(set.get(loss('a'))?.length).toBe(3);
    expect(set.get(loss('b'))?.length).toBe(3);
    expect(set.get(loss('c'))).toBeUndefined();
    expect(set.shown).toEqual(ask(['a', 'b']));
  });

  it('say what is shown, not what was asked for in vain', async () => {
    const { set, answer, asked } = world();
    set.ask(ask(['a']));
    await settle();
    answer.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    set.ask(ask(['a'], { x: 'time' }));
    set.ask(ask(['a'], { x: 'time' }));
    expect(set.shown?.x).toBe('step');
    await settle();
    expect(set.shown?.x).toBe('step');
    set.ask(ask(['a'], { x: 'time' }));
    await settle();
    expect(asked.map(body => body.x)).toEqual(['step', 'time']);
    expect(set.shown?.x).toBe('time');
    set.ask(ask([], { x: 'step' }));
    expect(set.shown?.series).toEqual([]);
    expect(set.loading).toBe(false);
  });

  it('stay while the server is away, and say why', async () => {
    const { set, answer } = world();
    set.ask(ask(['a']));
    await settle();
    answer.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    set.refresh();
    await settle();
    expect(set.error).toBeInstanceOf(TypeError);
    expect(set.get(loss('a'))?.length).toBe(3);
    set.refresh();
    await settle();
    expect(set.error).toBeNull();
  });

  it('listen only to runs that are drawn, and to none after disposal', async () => {
    const { set, topics } = world();
    set.ask(ask(['a', 'b']));
    set.ask(ask(['b']));
    expect([...topics.keys()]).toEqual(['points:b']);
    set.dispose();
    expect(topics.size).toBe(0);
  });
});
