import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import {
  defaultOrder,
  defaultShown,
  formatOf,
  formatSort,
  groupOf,
  labelOf,
  metricOf,
  parseSort,
  toggleSort,
  type IColumn
} from './columns';

const trans = nullTranslator.load('mlstudio');
const column = (key: string, more: Partial<IColumn> = {}): IColumn => ({
  key,
  group: groupOf(key),
  kind: 'float',
  ...more
});

describe('a column is known by its key', () => {
  it('names the metric and its statistic, dots and colons in the name', () => {
    expect(metricOf('metrics.test:loss.v2.last')).toEqual({
      name: 'test:loss.v2',
      stat: 'last'
    });
    expect(metricOf('metrics.a.max')).toEqual({ name: 'a', stat: 'max' });
    expect(metricOf('metrics.odd')).toEqual({ name: 'odd', stat: 'last' });
    expect(metricOf('params.metrics.a.max')).toBeNull();
  });

  it('has the label that the user gave it', () => {
    expect(labelOf('params.<b>lr</b>', trans)).toBe('<b>lr</b>');
    expect(labelOf('metrics.loss.last', trans)).toBe('loss');
    expect(labelOf('metrics.loss.min', trans)).toBe('loss (min)');
    expect(labelOf('status', trans)).toBe('Status');
    expect(labelOf('unheard', trans)).toBe('unheard');
  });

  it('knows times, durations and statuses', () => {
    expect(formatOf(column('created'))).toBe('time');
    expect(formatOf(column('duration'))).toBe('duration');
    expect(formatOf(column('status', { kind: 'category' }))).toBe('status');
    expect(formatOf(column('params.created'))).toBe('number');
  });
});

describe('the default order and choice of columns', () => {
  const columns = [
    column('tags.team', { kind: 'category' }),
    column('params.same', { distinct: 1 }),
    column('tags.sagemaker:trial-component-source'),
    column('params.lr', { distinct: 4 }),
    column('metrics.train:loss.last'),
    column('metrics.test:accuracy.last'),
    column('metrics.test:accuracy.max'),
    column('metrics.system/cpu.last'),
    column('created'),
    column('host'),
    column('status'),
    column('name')
  ];

  it('puts name and status, the objective and parameters that differ first', () => {
    expect(defaultOrder(columns).map(c => c.key)).toEqual([
      'name',
      'status',
      'metrics.test:accuracy.last',
      'metrics.test:accuracy.max',
      'metrics.train:loss.last',
      'metrics.system/cpu.last',
      'params.lr',
      'params.same',
      'tags.sagemaker:trial-component-source',
      'tags.team',
      'created',
      'host'
    ]);
  });

  it('hides what says nothing: constants, system metrics, statistics, tags of programs', () => {
    expect([...defaultShown(columns)].sort()).toEqual([
      'created',
      'metrics.test:accuracy.last',
      'metrics.train:loss.last',
      'name',
      'params.lr',
      'status',
      'tags.team'
    ]);
  });

  it('shows a bounded number of two thousand parameters', () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      column(`params.p${i}`, { distinct: 3 })
    );
    expect(defaultShown(many).size).toBe(24);
  });
});

describe('sort keys', () => {
  it('go up, down and away with clicks', () => {
    const first = toggleSort([], 'a', false);
    const second = toggleSort(first, 'a', false);
    expect(first).toEqual([{ key: 'a', desc: false }]);
    expect(second).toEqual([{ key: 'a', desc: true }]);
    expect(toggleSort(second, 'a', false)).toEqual([]);
  });

  it('are added with shift and keep their places', () => {
    const two = toggleSort([{ key: 'a', desc: true }], 'b', true);
    expect(formatSort(two)).toEqual(['-a', 'b']);
    expect(formatSort(toggleSort(two, 'b', true))).toEqual(['-a', '-b']);
    expect(formatSort(toggleSort(two, 'a', true))).toEqual(['b']);
    expect(formatSort(toggleSort(two, 'c', false))).toEqual(['c']);
  });

  it('are read from texts, without empty and repeated ones', () => {
    expect(parseSort(['-metrics.loss.last', '', '-', 'name', '-name'])).toEqual(
      [
        { key: 'metrics.loss.last', desc: true },
        { key: 'name', desc: false }
      ]
    );
  });
});
