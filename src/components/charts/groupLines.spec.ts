import { describe, expect, it } from 'vitest';

import { clipRange, outside, quantile } from './clip';
import { groupLine } from './groupLines';
import {
  columnsOf,
  plotData,
  type ILineData,
  type IPlotLine
} from './plotColumns';

const data = (x: number[], y: number[], smooth?: number[]): ILineData => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  smooth: smooth === undefined ? null : Float64Array.from(smooth),
  length: x.length,
  nanX: []
});
const LABEL = 'l';
const list = (values: Float64Array | undefined): number[] => [
  ...(values ?? [])
];

describe('a group of curves', () => {
  it('is their mean between the lowest and the highest', () => {
    const group = groupLine(
      [data([0, 1], [0, 2]), data([0, 1], [4, 4])],
      'range',
      false
    );
    expect(list(group.y)).toEqual([2, 3]);
    expect(list(group.low)).toEqual([0, 2]);
    expect(list(group.high)).toEqual([4, 4]);
  });

  it('or one standard deviation of the runs to each side', () => {
    const group = groupLine([data([0], [1]), data([0], [3])], 'std', false);
    expect([list(group.low), list(group.high)]).toEqual([[1], [3]]);
  });

  it('reads curves between their points, and only where they are', () => {
    const group = groupLine(
      [data([0, 2, 4], [0, 2, 4]), data([1, 2], [10, 20])],
      'range',
      false
    );
    expect(list(group.x)).toEqual([0, 1, 2, 4]);
    expect(list(group.y)).toEqual([0, 5.5, 11, 4]);
  });

  it('takes what is not finite for no value, and smooth values where they are asked for', () => {
    const gap = groupLine(
      [data([0, 1], [NaN, 1]), data([0, 1], [3, 3])],
      'range',
      false
    );
    expect(list(gap.y)).toEqual([3, 2]);
    const none = groupLine([data([0], [Infinity])], 'range', false);
    expect(list(none.y)).toEqual([NaN]);
    const smooth = groupLine([data([0], [9], [5])], 'range', true);
    expect(list(smooth.y)).toEqual([5]);
  });

  it('of long curves stands on an even grid of bounded size', () => {
    const x = Array.from({ length: 5000 }, (_, i) => i);
    const group = groupLine([data(x, x)], 'range', false, 100);
    expect(group.length).toBe(100);
    expect([group.x[0], group.x[99]]).toEqual([0, 4999]);
    expect(group.y[50]).toBeCloseTo(group.x[50]);
    expect(groupLine([], 'range', false).length).toBe(0);
  });
});

describe('the columns of lines', () => {
  const line = (buffer: ILineData): IPlotLine => ({
    key: 'k',
    label: LABEL,
    color: 'red',
    dash: [],
    buffer
  });
  const look = { smooth: true, log: false, logX: false };

  it('are raw and smooth of a curve, mean and edges of a group', () => {
    const group = groupLine([data([0, 1], [0, 2])], 'range', false);
    const lines = [line(data([0, 1], [1, 2], [1, 1.5])), line(group)];
    expect(columnsOf(lines, true).map(c => c.role)).toEqual([
      'raw',
      'main',
      'main',
      'high',
      'low'
    ]);
    expect(plotData(lines, look).slice(1, 3)).toEqual([
      [1, 2],
      [1, 1.5]
    ]);
  });

  it('begin above 0 on a log x axis', () => {
    const made = plotData([line(data([-1, 0, 1, 10], [1, 2, 3, 4]))], {
      ...look,
      smooth: false,
      logX: true
    });
    expect([...made[0]]).toEqual([1, 10]);
    expect(made[1]).toEqual([3, 4]);
  });

  it('keep every point of a metric that stood still', () => {
    const lines = [
      line(data([1, 1, 2], [5, 9, 7])),
      line(data([1, 2], [3, 4]))
    ];
    const made = plotData(lines, { ...look, smooth: false });
    expect([...made[0]]).toEqual([1, 1, 2]);
    expect(made[1]).toEqual([5, 9, 7]);
    expect([...made[2]]).toEqual([3, undefined, 4]);
  });
});

describe('an axis that leaves outliers outside', () => {
  const wave = Array.from({ length: 200 }, (_, i) => Math.sin(i));
  const x = wave.map((_, i) => i);

  it('ends near the quantiles', () => {
    const lines = [
      data(
        x,
        wave.map((v, i) => (i === 50 ? 1e6 : v))
      )
    ];
    const range = clipRange(lines, false);
    expect(range?.[1]).toBeLessThan(2);
    expect(range?.[0]).toBeGreaterThanOrEqual(-1.0001);
    expect(outside(lines, range ?? [0, 0])).toBe(1);
  });

  it('is the whole axis where nothing lies outside, or everything is alike', () => {
    expect(clipRange([data([0, 1], [3, 3])], false)).toBeNull();
    expect(clipRange([], false)).toBeNull();
    expect(clipRange([data([0], [NaN])], false)).toBeNull();
    expect(clipRange([data(x, x)], false)).toBeNull();
  });

  it('passes over 0 and below on a log scale', () => {
    const lines = [
      data(
        x,
        wave.map((v, i) => (i === 0 ? 0 : v + 2))
      )
    ];
    expect(clipRange(lines, true)?.[0] ?? 1).toBeGreaterThan(0);
  });

  it('finds quantiles between neighbours', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([7], 0.99)).toBe(7);
  });
});
