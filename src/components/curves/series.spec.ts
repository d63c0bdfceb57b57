import { describe, expect, it } from 'vitest';

import type { SeriesSummary } from '../../api/types';
import { curveGroups, seriesLabel, unionOf } from './series';

const series = (name: string, count: number, context = {}): SeriesSummary =>
  ({ name, count, context }) as SeriesSummary;

const named = (label: string, metrics: SeriesSummary[]) => ({
  component: label,
  label,
  metrics
});

describe('curves of components', () => {
  it('are grouped by metric, without single points, those of the machine apart', () => {
    const { own, system } = curveGroups([
      {
        component: 'a',
        metrics: [
          series('loss', 9),
          series('loss', 9, { rank: 1 }),
          series('final', 1),
          series('system/cpu', 4)
        ]
      }
    ]);
    expect(own.map(group => [group.title, group.series.length])).toEqual([
      ['loss', 2]
    ]);
    expect(own[0].series.map(one => one.label)).toEqual([
      'loss',
      'loss {"rank":1}'
    ]);
    expect(system.map(group => group.title)).toEqual(['system/cpu']);
  });

  it('are called by their component where several are drawn', () => {
    const metrics = [series('loss', 2), series('loss', 2, { rank: 1 })];
    const { own } = curveGroups([
      named('first', metrics),
      named('second', metrics.slice(0, 1))
    ]);
    expect(own[0].series.map(one => one.label)).toEqual([
      'first',
      'first {"rank":1}',
      'second'
    ]);
    expect(seriesLabel(metrics[0])).toBe('loss');
  });
});

describe('spans together', () => {
  it('are what holds each', () => {
    const spans: [number, number][] = [
      [10, 20],
      [12, 31]
    ];
    expect(unionOf(spans)).toEqual([10, 31]);
  });

  it('leave a chart of one moment its own axis', () => {
    expect(unionOf([[5, 5]])).toBeNull();
    expect(unionOf([])).toBeNull();
  });
});
