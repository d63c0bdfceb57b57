import '../../../components/common/dom.fixture';

import { describe, expect, it } from 'vitest';

import {
  groupOf,
  LocalRows,
  Selection,
  type IColumn
} from '../../../components/table';
import { exportRequest } from './exportMenu';
import { groupable } from './groupMenu';
import { findNames } from './jumpBox';
import { hasOrder } from './query';
import { DEFAULT_VIEW } from './viewState';

const column = (key: string, distinct?: number): IColumn => ({
  key,
  group: groupOf(key),
  kind: 'category',
  distinct
});
const columns = [
  column('name'),
  column('status', 3),
  column('params.lr', 900),
  column('params.opt', 3),
  column('metrics.loss.last', 900),
  column('note', 5)
];

function rows(...names: string[]): LocalRows {
  const local = new LocalRows();
  names.forEach(name => local.patch(name, {}));
  local.flush();
  return local;
}

describe('what is exported', () => {
  const base = {
    experiment: 'mnist',
    view: { ...DEFAULT_VIEW, where: 'params.lr > 0', quick: 'cnn' },
    columns,
    rows: rows('a', 'b'),
    selection: Selection.empty,
    brushed: false
  };

  it('is the query with the quick filter, in the order and columns shown', () => {
    const request = exportRequest(base, 'parquet', false);
    expect(request).toMatchObject({
      format: 'parquet',
      scope: { experiment: 'mnist' },
      order: ['-created'],
      components: null
    });
    expect(request.where).toContain('(params.lr > 0) and');
    expect(request.columns).toContain('name');
    expect(exportRequest(base, 'csv', true).columns).toBeNull();
  });

  it('is named where only the browser knows: a selection, a brush', () => {
    const chosen = { ...base, selection: Selection.of(['b']) };
    expect(exportRequest(chosen, 'csv', false)).toMatchObject({
      where: null,
      components: ['b']
    });
    const brushed = { ...base, brushed: true };
    expect(exportRequest(brushed, 'csv', false).components).toEqual(['a', 'b']);
  });

  it.each(['active', 'archived', 'deleted'] as const)(
    'is all %s rows, however few of them are loaded',
    state => {
      const there = { ...base, view: { ...base.view, state } };
      expect(exportRequest(there, 'csv', false)).toMatchObject({
        components: null,
        where: expect.stringContaining('(params.lr > 0) and'),
        deleted: state === 'deleted',
        archived: state === 'archived'
      });
    }
  );
});

describe('columns to group by', () => {
  it('are those whose values repeat, first; never metrics, names or notes', () => {
    expect(groupable(columns).map(c => c.key)).toEqual([
      'params.opt',
      'status',
      'params.lr'
    ]);
  });
});

describe('going to a row', () => {
  it('finds names that begin with the text before those that hold it', () => {
    const all = rows('x-run-1', 'run-1', 'other', 'RUN-2');
    expect(findNames(all, ' run')).toEqual(['run-1', 'RUN-2', 'x-run-1']);
    expect(findNames(all, '')).toEqual([]);
  });
});

describe('an order in a query', () => {
  it('is seen, but not inside of a text', () => {
    expect(hasOrder('params.lr > 0 order by name desc')).toBe(true);
    expect(hasOrder('note contains "order by hand"')).toBe(false);
    expect(hasOrder('params.order = 3')).toBe(false);
  });
});
