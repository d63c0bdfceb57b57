import { describe, expect, it } from 'vitest';

import { groupOf, type IColumn } from './columns';
import {
  arrange,
  DEFAULT_LAYOUT,
  moveColumn,
  nudgeColumn,
  setPinned,
  setVisible,
  setWidth,
  type ITableLayout
} from './layout';

const columns: IColumn[] = [
  'name',
  'status',
  'metrics.loss.last',
  'params.lr',
  'params.n'
].map(key => ({
  key,
  group: groupOf(key),
  kind: 'float',
  distinct: 3
}));
const keys = (layout: ITableLayout): string[] =>
  arrange(columns, layout).visible.map(c => c.key);

describe('the layout of columns', () => {
  it('begins with the pinned name', () => {
    expect(keys(DEFAULT_LAYOUT)).toEqual([
      'name',
      'status',
      'metrics.loss.last',
      'params.lr',
      'params.n'
    ]);
  });

  it('hides and shows', () => {
    const hidden = setVisible(DEFAULT_LAYOUT, 'params.lr', false);
    expect(keys(hidden)).not.toContain('params.lr');
    expect(keys(setVisible(hidden, 'params.lr', true))).toContain('params.lr');
  });

  it('moves a column before another and keeps those that come later', () => {
    const moved = moveColumn(
      DEFAULT_LAYOUT,
      arrange(columns, DEFAULT_LAYOUT),
      'params.n',
      'status'
    );
    expect(keys(moved)).toEqual([
      'name',
      'params.n',
      'status',
      'metrics.loss.last',
      'params.lr'
    ]);
    const more = [
      ...columns,
      { key: 'metrics.acc.last', group: 'metrics', kind: 'float' } as IColumn
    ];
    expect(arrange(more, moved).visible.map(c => c.key)).toContain(
      'metrics.acc.last'
    );
  });

  it('does not move a column between pinned and scrolling ones', () => {
    const arrangement = arrange(columns, DEFAULT_LAYOUT);
    expect(moveColumn(DEFAULT_LAYOUT, arrangement, 'params.n', 'name')).toBe(
      DEFAULT_LAYOUT
    );
  });

  it('nudges over visible neighbours and stops at the ends', () => {
    const hidden = setVisible(DEFAULT_LAYOUT, 'metrics.loss.last', false);
    const nudged = nudgeColumn(
      hidden,
      arrange(columns, hidden),
      'params.lr',
      -1
    );
    expect(keys(nudged)).toEqual(['name', 'params.lr', 'status', 'params.n']);
    expect(nudgeColumn(hidden, arrange(columns, hidden), 'status', -1)).toBe(
      hidden
    );
    const right = nudgeColumn(hidden, arrange(columns, hidden), 'params.lr', 1);
    expect(keys(right)).toEqual(['name', 'status', 'params.n', 'params.lr']);
  });

  it('pins at the end of the pinned ones and lets go', () => {
    const pinned = setPinned(DEFAULT_LAYOUT, 'params.lr', true);
    expect(keys(pinned).slice(0, 2)).toEqual(['name', 'params.lr']);
    expect(keys(setPinned(pinned, 'params.lr', false))[1]).toBe('status');
  });

  it('bounds widths', () => {
    expect(setWidth(DEFAULT_LAYOUT, 'a', 2).widths.a).toBe(48);
    expect(setWidth(DEFAULT_LAYOUT, 'a', 99999).widths.a).toBe(800);
  });

  it('ignores keys of columns that do not exist', () => {
    const odd = {
      ...DEFAULT_LAYOUT,
      order: ['gone'],
      pinned: ['gone', 'name'],
      hidden: ['gone']
    };
    expect(keys(odd)).toHaveLength(5);
  });
});
