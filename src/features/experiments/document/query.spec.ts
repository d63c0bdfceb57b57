import { describe, expect, it } from 'vitest';

import { groupOf, type IColumn } from '../../../components/table';
import {
  chooseAxes,
  chooseColor,
  choosePair,
  metricNames,
  shownMetrics,
  objectiveOf,
  plottable
} from './board/chooseColumns';
import { caretOf, codeFor, combineWhere, hasOrder, splitQuery } from './query';

describe('the query and the quick filter', () => {
  it('are one query', () => {
    expect(combineWhere('', ' ')).toBe('');
    expect(combineWhere('a = 1', '')).toBe('a = 1');
    expect(combineWhere('', 'x')).toBe(
      '(name contains "x" or display_name contains "x")'
    );
    expect(combineWhere('a = 1 or b = 2', 'x')).toMatch(
      /^\(a = 1 or b = 2\) and \(name/
    );
  });

  it('keep an order at the end, and quotes as text', () => {
    expect(combineWhere('a = 1 order by b', 'x')).toMatch(
      /^\(a = 1\) and .* order by b$/
    );
    expect(combineWhere('', '"; drop \\')).toContain(
      'contains "\\"; drop \\\\"'
    );
  });

  it('know an order from a text that speaks of one', () => {
    const where =
      'note contains "over the limit now" and params.`order by x` = 1';
    expect(combineWhere(where, 'x')).toMatch(
      `(${where}) and (name contains "x"`
    );
    expect(splitQuery(`${where} limit 5`).tail).toBe('limit 5');
    expect(splitQuery("name = 'it\\'s limit 3' order by a").tail).toBe(
      'order by a'
    );
    expect(hasOrder(where)).toBe(false);
    expect(hasOrder('order by a')).toBe(true);
  });

  it('are a query also where there is only an order', () => {
    expect(combineWhere('order by b desc', 'x')).toBe(
      '(name contains "x" or display_name contains "x") order by b desc'
    );
  });

  it('point at the place of an error', () => {
    expect(caretOf('unknown field metrics.los at 1:9')).toBe(8);
    expect(caretOf('no place')).toBeNull();
  });
});

describe('what charts show before anybody chose', () => {
  const columns: IColumn[] = [
    'name',
    'status',
    'params.opt',
    'params.lr',
    'params.same',
    'metrics.train:loss.last',
    'metrics.test:accuracy.last',
    'metrics.test:accuracy.max',
    'metrics.system/cpu.last'
  ].map(key => ({
    key,
    group: groupOf(key),
    kind: key === 'params.opt' || key === 'name' ? 'category' : 'float',
    distinct: key === 'params.same' ? 1 : 5
  }));
  const list = plottable(columns);

  it('is a parameter against the likely objective', () => {
    expect(objectiveOf(list)?.key).toBe('metrics.test:accuracy.last');
    expect(choosePair(list, null, null)).toEqual({
      x: 'params.lr',
      y: 'metrics.test:accuracy.last'
    });
    expect(choosePair(list, 'status', 'gone')).toEqual({
      x: 'status',
      y: 'metrics.test:accuracy.last'
    });
    expect(choosePair([], null, null)).toBeNull();
  });

  it('is the parameters that differ with the objective at the right end', () => {
    expect(chooseAxes(list, null)).toEqual([
      'params.opt',
      'params.lr',
      'metrics.train:loss.last',
      'metrics.test:accuracy.last'
    ]);
    expect(chooseAxes(list, ['gone', 'status'])).toEqual(['status']);
    expect(chooseColor(list, chooseAxes(list, null), null)).toBe(
      'metrics.test:accuracy.last'
    );
    expect(chooseColor(list, ['status'], 'gone')).toBe('status');
    expect(chooseColor(list, [], null)).toBeNull();
  });

  it('is each metric once, objectives first, the machine never', () => {
    const all = metricNames(columns);
    expect(all).toEqual(['test:accuracy', 'train:loss', 'system/cpu']);
    expect(shownMetrics(all, null)).toEqual(['test:accuracy', 'train:loss']);
    expect(shownMetrics(all, ['train:loss', 'gone'])).toEqual(['train:loss']);
  });
});

describe('the code of an empty experiment', () => {
  it('is three lines that name it, whatever its name', () => {
    const lines = codeFor('my "exp"').split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('mlstudio.run("my \\"exp\\""');
  });
});
