import { describe, expect, it } from 'vitest';

import {
  columnsOf,
  goneColumns,
  MOST_COLUMNS,
  searchColumns,
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
const many = Array.from({ length: 100_000 }, (_, i) =>
  info(`metrics.m${i}.last`)
);

describe('the columns of an experiment', () => {
  it('of 100,000 metrics are cut, but for those that a view names', () => {
    const start = performance.now();
    const keys = columnsOf(many, [], ['metrics.m99999.last']).map(c => c.key);
    expect(keys.length).toBeLessThan(MOST_COLUMNS + 10);
    expect(keys).toContain('metrics.m99999.last');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('that were cut are found by their names', () => {
    const found = searchColumns(many, 'M9999');
    expect(found.map(c => c.key)).toContain('metrics.m99990.last');
    expect(searchColumns(many, '')).toEqual([]);
    expect(searchColumns(many, 'm', 7)).toHaveLength(7);
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
