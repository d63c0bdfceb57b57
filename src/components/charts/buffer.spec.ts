import { describe, expect, it } from 'vitest';

import type { ICurve } from '../../api/decode';
import { align, CurveBuffer, extremes } from './buffer';

function curve(x: number[], y: number[], more: Partial<ICurve> = {}): ICurve {
  return {
    component: 'run',
    name: 'loss',
    context: {},
    n: x.length,
    total: x.length,
    level: 'all',
    n_nan: 0,
    nan_x: [],
    start: null,
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    ts: null,
    smooth: null,
    ...more
  };
}

describe('live points of a curve', () => {
  it('are appended beyond the last x', () => {
    const buffer = CurveBuffer.of(curve([0, 1], [5, 4]));
    expect(buffer.push(2, 3)).toBe(true);
    expect([...buffer.x]).toEqual([0, 1, 2]);
    expect([...buffer.y]).toEqual([5, 4, 3]);
    expect(buffer.appended).toBe(1);
  });

  it('are not repeated when an answer and an event cross', () => {
    const buffer = CurveBuffer.of(curve([0, 1], [5, 4]));
    expect(buffer.push(1, 4)).toBe(false);
    expect(buffer.push(0, 5)).toBe(false);
    expect(buffer.length).toBe(2);
  });

  it('replace the last value when it was written again', () => {
    const buffer = CurveBuffer.of(curve([0, 1], [5, 4]));
    expect(buffer.push(1, 9)).toBe(true);
    expect([...buffer.y]).toEqual([5, 9]);
    expect(buffer.appended).toBe(0);
  });

  it('begin an empty curve and grow by thousands', () => {
    const buffer = CurveBuffer.of(curve([], []));
    for (let i = 0; i < 3000; i++) {
      buffer.push(i, i * 2);
    }
    expect(buffer.length).toBe(3000);
    expect(buffer.y[2999]).toBe(5998);
    expect(buffer.lastX).toBe(2999);
  });

  it('mark where they are not finite', () => {
    const buffer = CurveBuffer.of(curve([0], [1]));
    buffer.push(1, NaN);
    buffer.push(2, Infinity);
    expect(buffer.nanX).toEqual([1, 2]);
    expect(buffer.push(NaN, 1)).toBe(false);
  });

  it('continue the debiased average of the server', () => {
    const w = 0.6;
    const y = [1, 2, 4, 3];
    const all: number[] = [];
    let sum = 0;
    y.forEach((v, i) => {
      sum = w * sum + (1 - w) * v;
      all.push(sum / (1 - w ** (i + 1)));
    });
    const start = curve([0, 1], y.slice(0, 2), {
      smooth: Float64Array.from(all.slice(0, 2))
    });
    const buffer = CurveBuffer.of(start, w);
    buffer.push(2, 4);
    buffer.push(3, 3);
    expect([...(buffer.smooth ?? [])].map(v => v.toFixed(9))).toEqual(
      all.map(v => v.toFixed(9))
    );
  });
});

describe('curves on one axis', () => {
  const f = (...v: number[]): Float64Array => Float64Array.from(v);

  it('share it when their steps are alike', () => {
    const [x, a, b] = align(
      [
        { x: f(0, 1), y: f(1, NaN) },
        { x: f(0, 1), y: f(3, 4) }
      ],
      false
    );
    expect([...x]).toEqual([0, 1]);
    expect(a).toEqual([1, null]);
    expect(b).toEqual([3, 4]);
  });

  it('are joined otherwise: null is a gap, undefined is nothing', () => {
    const [x, a, b] = align(
      [
        { x: f(0, 2), y: f(1, NaN) },
        { x: f(1, 2, 3), y: f(5, 6, 7) }
      ],
      false
    );
    expect([...x]).toEqual([0, 1, 2, 3]);
    expect(Array.from(a)).toEqual([1, undefined, null, undefined]);
    expect(Array.from(b)).toEqual([undefined, 5, 6, 7]);
  });

  it('leave out what a log scale cannot show, and clip what no scale can', () => {
    const [, a] = align([{ x: f(0, 1, 2, 3), y: f(-1, 0, 1e308, 2) }], true);
    expect(a).toEqual([null, null, 1e300, 2]);
  });

  it('lose no point, whether x stands still or not', () => {
    let seed = 7;
    const dice = (n: number): number => {
      seed = (seed * 16807) % 2147483647;
      return seed % n;
    };
    for (let round = 0; round < 200; round++) {
      const curves = Array.from({ length: 1 + dice(5) }, () => {
        const x = Array.from({ length: dice(30) }, () => dice(40) - 20);
        x.sort((a, b) => a - b);
        // Every other round without repeated x.
        const own = round % 2 ? x : [...new Set(x)];
        return { x: f(...own), y: f(...own.map((_, i) => i)) };
      });
      const [xs, ...columns] = align(curves, false);
      const all = curves.flatMap(({ x }) => [...x]);
      const most = (v: number): number =>
        Math.max(...curves.map(({ x }) => x.filter(one => one === v).length));
      const wanted = [...new Set(all)].sort((a, b) => a - b);
      expect([...xs]).toEqual(
        wanted.flatMap(v => Array.from({ length: most(v) }, () => v))
      );
      curves.forEach(({ x, y }, c) => {
        const kept = [...xs].flatMap((v, i) =>
          typeof columns[c][i] === 'number' ? [[v, columns[c][i]]] : []
        );
        expect(kept).toEqual([...x].map((v, i) => [v, y[i]]));
      });
    }
  });

  it('may be none', () => {
    expect(align([], false)).toEqual([[]]);
  });
});

describe('the extremes of a curve', () => {
  it('are finite, at their own x', () => {
    const ends = extremes(
      Float64Array.of(5, 6, 7, 8),
      Float64Array.of(NaN, 3, -Infinity, 1)
    );
    expect(ends).toEqual({ min: 1, minX: 8, max: 3, maxX: 6 });
    expect(extremes(Float64Array.of(1), Float64Array.of(NaN))).toBeNull();
  });
});
