import { describe, expect, it } from 'vitest';

import {
  bestOf,
  changeOf,
  guessDirection,
  isCut,
  nextOf,
  totalsOf,
  isJudged,
  isOther,
  metricRows,
  moved,
  shortKey,
  withBaseline
} from './model';
import type { SeriesSummary } from '../../../api/types';
import type { CompareRow, Value } from './model';

const row = (key: string, values: Value[], differs = true): CompareRow => ({
  group: 'metrics',
  key,
  values,
  differs
});

describe('a comparison', () => {
  it('guesses which way a metric is better, and does not when it cannot know', () => {
    expect(
      ['loss', 'val/loss', 'valLoss', 'train_rmse', 'eval.wer'].map(
        guessDirection
      )
    ).toEqual(Array(5).fill('min'));
    expect(
      ['acc', 'val_acc', 'testAccuracy', 'roc.auc', 'f1'].map(guessDirection)
    ).toEqual(Array(5).fill('max'));
    expect(
      ['x', 'glossy', 'lr', 'error_score', ''].map(guessDirection)
    ).toEqual(Array(5).fill('none'));
  });

  it('puts the statistics of a metric together, whatever dots its name has', () => {
    const summary = (name: string, min: number, context = {}) =>
      ({ name, min, max: 9, context }) as SeriesSummary;
    const rows = metricRows(
      [
        row('metrics.system/cpu.last', [1, 2]),
        row('metrics.a.b.last', [1, 1], false),
        row('metrics.c.last', [1, null], false)
      ],
      [[summary('a.b', 5, { rank: 1 }), summary('a.b', 0)], [summary('a.b', 1)]]
    );
    expect(rows).toEqual([
      {
        name: 'a.b',
        stats: { last: [1, 1], min: [0, 1], max: [9, 9] },
        differs: true
      },
      { name: 'c', stats: { last: [1, null] }, differs: false },
      { name: 'system/cpu', stats: { last: [1, 2] }, differs: true }
    ]);
  });

  it('calls no value best that is alone, missing, infinite or the same as all others', () => {
    expect([...bestOf([3, 1, 1, null, 'nan', '-inf'], 'min')]).toEqual([1, 2]);
    expect([...bestOf([3, 1], 'max')]).toEqual([0]);
    expect(bestOf([1, 1], 'min').size).toBe(0);
    expect(bestOf([1, null], 'min').size).toBe(0);
    expect(bestOf([1, 2], 'none').size).toBe(0);
    expect([isJudged('last', 'min'), isJudged('max', 'min')]).toEqual([
      true,
      false
    ]);
  });

  it('says how far a value is from the baseline only where a share means something', () => {
    expect(changeOf(0.5, 1)).toBe(-0.5);
    expect(changeOf(-1, -2)).toBe(0.5);
    expect(
      [
        changeOf(1, 0),
        changeOf(1, 1),
        changeOf(null, 1),
        changeOf('inf', 1)
      ].every(one => one === null)
    ).toBe(true);
    expect([isOther([1, 1, 2], 1), isOther([1, 1, 2], 2)]).toEqual([
      false,
      true
    ]);
  });

  it('moves, puts first, and leaves the list alone where there is nowhere to go', () => {
    expect(moved(['a', 'b', 'c'], 'c', -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 'a', -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 'x', 1)).toEqual(['a', 'b']);
    expect(withBaseline(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c']);
    expect(shortKey(row('metrics.a', []))).toBe('a');
    expect(shortKey({ group: 'packages', key: 'numpy' })).toBe('numpy');
  });
});

describe('rows that an answer leaves out', () => {
  const reply = {
    next: { metrics: 500 },
    totals: {
      metrics: { rows: 100_000, differ: 3 },
      params: { rows: 2, differ: 1 }
    }
  };

  it('are counted with those that are here', () => {
    expect(totalsOf(reply.totals, ['metrics', 'params', 'tags'])).toEqual({
      rows: 100_002,
      differ: 4
    });
    expect(isCut(reply, ['params', 'metrics'])).toBe(true);
    expect(isCut(reply, ['params'])).toBe(false);
  });

  it('are asked for where the answer says', () => {
    expect(nextOf(reply)).toEqual({ metrics: 500 });
    expect(nextOf({ next: {} })).toBeUndefined();
  });
});
