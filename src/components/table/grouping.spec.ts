import { describe, expect, it } from 'vitest';

import { GroupedRows, toggleGroup, CLOSED, type IOpenGroups } from './grouping';
import { LocalRows } from './localRows';
import { testPage } from './page.fixture';

const OPEN: IOpenGroups = { all: true, except: [] };

function grouped(keys: readonly string[], open: IOpenGroups = CLOSED) {
  const flat = new LocalRows(
    testPage(['a', 'b', 'c', 'd', 'e'], {
      'params.opt': ['adam', 'sgd', 'adam', null, 'sgd'],
      'params.lr': [0.1, 0.1, 0.2, NaN, 0.1],
      'metrics.loss.last': [1, 5, 3, null, NaN],
      'tags.team': ['x', 'x', 'x', 'x', 'x']
    })
  );
  const rows = new GroupedRows(flat, keys);
  rows.setOpen(open);
  return { flat, rows };
}

const lines = (rows: GroupedRows): string[] =>
  Array.from({ length: rows.count }, (_, i) => {
    const group = rows.groupAt(i);
    return group === undefined
      ? `${' '.repeat(rows.levelOf(i))}${rows.nameAt(i)}`
      : `${' '.repeat(group.depth)}${group.key}=${group.value} (${group.count})`;
  });

describe('grouped rows', () => {
  it('stand closed under their values, the missing ones last', () => {
    expect(lines(grouped(['params.opt']).rows)).toEqual([
      'params.opt=adam (2)',
      'params.opt=sgd (2)',
      'params.opt=null (1)'
    ]);
  });

  it('are shown in the order of the rows when their group is open, in several levels', () => {
    const { rows } = grouped(['params.opt', 'params.lr'], OPEN);
    expect(lines(rows)).toEqual([
      'params.opt=adam (2)',
      ' params.lr=0.1 (1)',
      '  a',
      ' params.lr=0.2 (1)',
      '  c',
      'params.opt=sgd (2)',
      ' params.lr=0.1 (2)',
      '  b',
      '  e',
      'params.opt=null (1)',
      ' params.lr=NaN (1)',
      '  d'
    ]);
    expect(rows.parentOf(rows.indexOf('e'))).toBe(6);
    expect(rows.parentOf(6)).toBe(5);
    expect(rows.parentOf(0)).toBe(-1);
  });

  it('open and close one by one, whatever the rest does', () => {
    const { rows } = grouped(['params.opt']);
    const id = rows.idAt(1) ?? '';
    rows.setOpen(toggleGroup(CLOSED, id));
    expect(lines(rows).slice(1, 4)).toEqual(['params.opt=sgd (2)', ' b', ' e']);
    rows.setOpen(toggleGroup(toggleGroup(CLOSED, id), id));
    expect(rows.count).toBe(3);
    rows.setOpen(toggleGroup(OPEN, id));
    expect(rows.count).toBe(6);
    expect(rows.indexOf(id)).toBe(3);
    expect(rows.indexOf('b')).toBe(-1);
  });

  it('say mean and extremes of finite numbers, what is the same, and how many values', () => {
    const { rows } = grouped(['params.opt']);
    expect(rows.summaryAt(0, 'metrics.loss.last')).toEqual({
      kind: 'numbers',
      mean: 2,
      min: 1,
      max: 3,
      missing: 0,
      bar: { from: 0, to: 0.5, mean: 0.25 }
    });
    expect(rows.summaryAt(0, 'tags.team')).toMatchObject({ value: 'x' });
    expect(rows.summaryAt(2, 'metrics.loss.last')).toEqual({
      kind: 'same',
      value: null,
      missing: 1
    });
    expect(grouped(['tags.team']).rows.summaryAt(0, 'params.opt')).toEqual({
      kind: 'many',
      distinct: 2,
      missing: 1
    });
    expect(rows.summaryAt(0, 'params.unread')).toBeUndefined();
  });

  it('stand in the order of their means when rows are sorted by a number', () => {
    const { flat, rows } = grouped(['params.opt']);
    flat.sort([{ key: 'metrics.loss.last', desc: true }]);
    expect(lines(rows).map(l => l.slice(11, 14))).toEqual([
      'sgd',
      'ada',
      'nul'
    ]);
    flat.sort([{ key: 'params.opt', desc: true }]);
    expect(lines(rows).map(l => l.slice(11, 14))).toEqual([
      'sgd',
      'ada',
      'nul'
    ]);
  });

  it('follow the filter, live values and removals', () => {
    const { flat, rows } = grouped(['params.opt']);
    flat.filter({ text: '', names: new Set(['a', 'b']) });
    expect(lines(rows)).toEqual(['params.opt=adam (1)', 'params.opt=sgd (1)']);
    flat.filter({ text: '', names: null });
    flat.patch('a', { 'params.opt': 'lion' });
    flat.remove('d');
    flat.flush();
    expect(lines(rows)).toEqual([
      'params.opt=adam (1)',
      'params.opt=lion (1)',
      'params.opt=sgd (2)'
    ]);
  });

  it('name all of their rows, closed or not', () => {
    const { rows } = grouped(['params.opt']);
    expect(rows.namesAt(1)).toEqual(['b', 'e']);
    expect(rows.flat.indexOf('b')).toBe(1);
  });

  it('gather times by local day', () => {
    const day = new Date(2026, 2, 3, 8).getTime() * 1000;
    const flat = new LocalRows(
      testPage(['a', 'b', 'c'], { started: [day, day + 3.6e9, day + 9e10] })
    );
    expect(new GroupedRows(flat, ['started']).count).toBe(2);
  });

  it('of 10,000 are gathered in two levels well within a tenth of a second', () => {
    const n = 10_000;
    const names = Array.from({ length: n }, (_, i) => `r${i}`);
    const flat = new LocalRows(
      testPage(names, {
        'params.a': names.map((_, i) => i % 50),
        'params.b': names.map((_, i) => `v${i % 7}`)
      })
    );
    const rows = new GroupedRows(flat, ['params.a', 'params.b']);
    const start = performance.now();
    expect(rows.count).toBe(50);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
