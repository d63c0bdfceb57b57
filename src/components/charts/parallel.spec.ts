import { describe, expect, it } from 'vitest';

import {
  alphaOf,
  boundsOf,
  brushed,
  bucketsOf,
  buildAxis,
  heightOf,
  labelAt,
  maskOf,
  moveBound,
  NA,
  sampleRows,
  ticksOf,
  tickText,
  valueOf,
  type Brushes
} from './parallel';

const none: Brushes = new Map();

describe('an axis of parallel coordinates', () => {
  it('maps numbers to heights, and what is not a number below', () => {
    const axis = buildAxis('a', 'a', [0, 5, 10, null, NaN, Infinity]);
    expect([...axis.heights]).toEqual([0, 0.5, 1, NA, NA, NA]);
    expect(axis.kind).toBe('linear');
    expect(ticksOf(axis).map(t => t.label)).toEqual([
      '0',
      '2',
      '4',
      '6',
      '8',
      '10',
      'n/a'
    ]);
  });

  it('is logarithmic when positive values span more than a thousand', () => {
    const axis = buildAxis('lr', 'lr', [1e-5, 1e-3, 1e-1]);
    expect(axis.kind).toBe('log');
    expect(axis.heights[1]).toBeCloseTo(0.5);
    expect(valueOf(axis, 0.5)).toBeCloseTo(1e-3);
    expect(buildAxis('x', 'x', [0, 1e9]).kind).toBe('linear');
  });

  it('puts categories by rank in natural order, numbers among them too', () => {
    const axis = buildAxis('o', 'o', ['run10', 'run9', null, 3]);
    expect(axis.values).toEqual(['3', 'run9', 'run10']);
    expect([...axis.heights]).toEqual([1, 0.5, NA, 0]);
    expect(labelAt(axis, 0.6)).toBe('run9');
  });

  it('stands in the middle when all values are equal, and is empty when all are missing', () => {
    expect([...buildAxis('a', 'a', [7, 7]).heights]).toEqual([0.5, 0.5]);
    expect(ticksOf(buildAxis('a', 'a', [7, 7])).map(t => t.label)).toEqual([
      '7'
    ]);
    expect(
      ticksOf(buildAxis('a', 'a', [null, null])).map(t => t.label)
    ).toEqual(['n/a']);
    expect(ticksOf(buildAxis('a', 'a', []))).toEqual([]);
  });

  it('has round numbers between its ends, in few digits and apart from each other', () => {
    const labels = (cells: number[]): string[] =>
      ticksOf(buildAxis('a', 'a', cells)).map(t => t.label);
    expect(labels([0.03040973, 0.857726])).toEqual([
      '0.0304',
      '0.2',
      '0.4',
      '0.6',
      '0.858'
    ]);
    expect(labels([2, 3])).toEqual(['2', '2.2', '2.4', '2.6', '2.8', '3']);
    expect(labels([1e-5, 0.1])).toEqual([
      '1e-5',
      '0.0001',
      '0.001',
      '0.01',
      '0.1'
    ]);
    const heights = ticksOf(buildAxis('a', 'a', [0.19, 1.03])).map(
      t => t.height
    );
    heights
      .slice(1)
      .forEach((h, i) => expect(h - heights[i]).toBeGreaterThan(0.1));
  });

  it('shortens numbers by their digits and words by their letters', () => {
    const word = 'optimizer';
    expect(tickText({ height: 0, label: '', value: 0.03041 }, 5)).toBe('0.03');
    expect(tickText({ height: 0, label: '', value: 123456789 }, 4)).toBe('1e8');
    expect(tickText({ height: 0, label: word }, 5)).toBe('opti…');
  });

  it('does not overflow between the largest numbers', () => {
    const axis = buildAxis('a', 'a', [-1.7e308, 0, 1.7e308]);
    expect([...axis.heights]).toEqual([0, 0.5, 1]);
    expect(Number.isFinite(valueOf(axis, 0.75))).toBe(true);
  });

  it('maps back and forth', () => {
    for (const axis of [
      buildAxis('a', 'a', [-3, 8]),
      buildAxis('b', 'b', [1e-6, 10])
    ]) {
      for (const h of [0, 0.2, 0.5, 1]) {
        expect(heightOf(axis, valueOf(axis, h))).toBeCloseTo(h);
      }
    }
  });
});

describe('brushes', () => {
  const axes = [
    buildAxis('a', 'a', [0, 1, 2, 3, null]),
    buildAxis('b', 'b', [3, 2, 1, 0, 0])
  ];

  it('hold between axes together, within one axis each for itself', () => {
    const brushes: Brushes = new Map([
      [
        'a',
        [
          [0, 0.1],
          [0.6, 1]
        ]
      ],
      ['b', [[0, 0.5]]]
    ]);
    expect([...maskOf(axes, brushes, 5)]).toEqual([0, 0, 1, 1, 0]);
  });

  it('include the very ends of an axis', () => {
    expect([...maskOf(axes, new Map([['a', [[0, 1]]]]), 5)]).toEqual([
      1, 1, 1, 1, 0
    ]);
  });

  it('may hold the missing values', () => {
    const drag = brushed(none, 'a', NA - 0.1, 0.1, false);
    expect([...maskOf(axes, drag, 5)]).toEqual([1, 0, 0, 0, 1]);
  });

  it('pass all rows when there are none, or their axis is gone', () => {
    expect([...maskOf(axes, none, 5)]).toEqual([1, 1, 1, 1, 1]);
    expect([...maskOf(axes, new Map([['gone', [[0, 0.1]]]]), 5)]).toEqual([
      1, 1, 1, 1, 1
    ]);
  });

  it('are drawn in either direction, added with shift, and cleared by a click', () => {
    const one = brushed(none, 'a', 0.8, 0.2, false);
    expect(one.get('a')).toEqual([[0.2, 0.8]]);
    expect(brushed(one, 'a', 0.9, 1.4, true).get('a')).toEqual([
      [0.2, 0.8],
      [0.9, 1]
    ]);
    expect(brushed(one, 'a', 0.5, 0.501, false).has('a')).toBe(false);
  });

  it('move by keyboard, never cross, and vanish when they hold all', () => {
    const low = moveBound(none, 'a', 'low', 0.3);
    expect(boundsOf(low, 'a')).toEqual([0.3, 1]);
    expect(boundsOf(moveBound(low, 'a', 'high', 0.1), 'a')).toEqual([0.3, 0.3]);
    expect(moveBound(low, 'a', 'low', -2).has('a')).toBe(false);
  });
});

describe('many lines', () => {
  it('are coloured by sixteen buckets of the objective, missing ones apart', () => {
    const axis = buildAxis('a', 'a', [0, 0.5, 1, NaN]);
    expect([...bucketsOf(axis, 4)]).toEqual([0, 8, 15, 255]);
    expect([...bucketsOf(undefined, 2)]).toEqual([0, 0]);
  });

  it('are drawn fainter, but never invisible', () => {
    expect(alphaOf(1)).toBe(1);
    expect(alphaOf(400)).toBe(0.5);
    expect(alphaOf(1e6)).toBe(0.03);
    expect(alphaOf(0)).toBe(1);
  });

  it('are sampled above a bound, with the best always there', () => {
    const values = Array.from({ length: 2000 }, (_, i) => (i * 37) % 2000);
    const axis = buildAxis('a', 'a', values);
    const kept = sampleRows(axis, 2000, 300, 100);
    expect(kept.length).toBeLessThanOrEqual(310);
    const best = [...values.keys()]
      .sort((a, b) => values[a] - values[b])
      .slice(0, 50);
    expect(best.every(row => kept.includes(row))).toBe(true);
    expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
    expect(sampleRows(axis, 100)).toHaveLength(100);
  });
});
