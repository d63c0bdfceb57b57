import { describe, expect, it } from 'vitest';

import {
  columnsOf,
  cutGroups,
  goneColumns,
  type ColumnInfo
} from './columnList';

const info = (key: string): ColumnInfo => ({
  key,
  group: key.split('.')[0] as ColumnInfo['group'],
  kind: 'float',
  count: 1,
  distinct: 1,
  min: null,
  max: null
});
/** What the server lists of 100,000 metrics. */
const some = Array.from({ length: 1000 }, (_, i) => info(`metrics.m${i}.last`));
const totals = { params: 0, metrics: 100_000, tags: 0 };

describe('the columns of an experiment', () => {
  it('of 100,000 metrics are those of the list, and those that a view names', () => {
    const named = ['metrics.m99999.max', 'params.old'];
    const keys = columnsOf(some, [], named, totals).map(c => c.key);
    expect(keys).toHaveLength(1002);
    expect(keys).toContain('name');
    expect(keys).toContain('metrics.m99999.max');
    expect(keys).not.toContain('params.old');
  });

  it('that the list leaves out are not taken for gone', () => {
    expect([...cutGroups(some, totals)]).toEqual(['metrics']);
    expect([...cutGroups(some, { metrics: 1000 })]).toEqual([]);
    const named = ['metrics.m99999.max', 'params.old'];
    expect(goneColumns(some, [], named, totals)).toEqual(['params.old']);
    expect(goneColumns(some, [], named, { metrics: 1000 })).toEqual(named);
  });

  it('are gone when neither the server nor an event knows them', () => {
    const infos = [info('metrics.loss.last'), info('params.lr')];
    expect(
      goneColumns(
        infos,
        ['tags.new'],
        [
          'metrics.loss.max',
          'params.lr',
          'tags.new',
          'name',
          'params.old',
          'metrics.old.last'
        ]
      )
    ).toEqual(['params.old', 'metrics.old.last']);
  });
});
