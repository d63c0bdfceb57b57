/** What keys, clicks and the clipboard do in the table. */
import type * as React from 'react';

import { formatOf, toggleSort } from './columns';
import { toTsv, tsvCell } from './copy';
import type { IFocus } from './gridFocus';
import { moveFocus, type IPlace } from './keyboard';
import { arrange, nudgeColumn, setWidth } from './layout';
import type { Selection } from './selection';
import type { CellAct, IDataTableProps } from './table';
import { rawCell } from './values';

interface ITarget {
  readonly place: IPlace;
  readonly element: HTMLElement;
}

/** What the actions need to know of the grid beside its props. */
export interface IGrid {
  readonly props: IDataTableProps;
  readonly focus: IFocus;
  readonly cols: number;
  reveal(place: IPlace): void;
  pageRows(): number;
  /** The column key at a place of the grid; undefined for the check boxes. */
  keyAt(col: number): string | undefined;
  openMenu(key: string, anchor: HTMLElement): void;
}

type Handlers = Required<
  Pick<
    React.DOMAttributes<HTMLDivElement>,
    'onKeyDown' | 'onClick' | 'onDoubleClick' | 'onCopy' | 'onFocus'
  >
>;

/** The cell that an event happened in. */
function targetOf(event: React.SyntheticEvent): ITarget | null {
  const element = (event.target as HTMLElement).closest<HTMLElement>(
    '[data-row]'
  );
  if (element === null) {
    return null;
  }
  const { row, col } = element.dataset;
  return { element, place: { row: Number(row), col: Number(col) } };
}

/** Lab's accelerator: Ctrl, on a Mac Command. */
const accel = (event: { ctrlKey: boolean; metaKey: boolean }): boolean =>
  event.ctrlKey || event.metaKey;

function select(grid: IGrid, next: Selection): void {
  if (next !== grid.props.selection) {
    grid.props.onSelection(next);
  }
}

function selectAll(grid: IGrid): Selection {
  const { source, selection } = grid.props;
  const { flat } = source;
  return selection.all(flat.count, row => flat.namesAt(row));
}

function toggleAll(grid: IGrid): void {
  const all = selectAll(grid);
  const { selection } = grid.props;
  select(grid, all.size === selection.size ? selection.clear() : all);
}

function rangeTo(
  grid: IGrid,
  from: Selection,
  row: number,
  add: boolean
): Selection {
  const { source } = grid.props;
  return from.range(
    row,
    // An open group's rows stand below it; a closed one stands for them.
    at => (source.groupAt(at)?.open ? [] : source.namesAt(at)),
    name => source.indexOf(name),
    add
  );
}

/** Keys on a title; returns whether the key was meant for it. */
function titleKey(
  grid: IGrid,
  event: React.KeyboardEvent,
  target: ITarget
): boolean {
  const { layout, columns, sort, onLayout, onSort } = grid.props;
  const { col } = target.place;
  const key = grid.keyAt(col);
  const press = event.key === 'Enter' || event.key === ' ';
  if (key === undefined) {
    if (press) {
      toggleAll(grid);
    }
    return press;
  }
  const by = event.key === 'ArrowLeft' ? -1 : 1;
  const arrow = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
  if (press) {
    onSort(toggleSort(sort, key, event.shiftKey));
  } else if (arrow && event.altKey) {
    onLayout(nudgeColumn(layout, arrange(columns, layout), key, by));
    const next = Math.max(1, Math.min(grid.cols - 1, col + by));
    grid.focus.set({ row: -1, col: next }, true);
  } else if (arrow && event.shiftKey) {
    onLayout(setWidth(layout, key, target.element.offsetWidth + by * 16));
  } else if (
    event.key === 'ContextMenu' ||
    (event.key === 'ArrowDown' && event.altKey)
  ) {
    grid.openMenu(key, target.element);
  } else {
    return false;
  }
  return true;
}

/** Keys on the line of a group. */
function groupKey(
  grid: IGrid,
  event: React.KeyboardEvent,
  { row, col }: IPlace
): boolean {
  const { source, selection, onToggleGroup } = grid.props;
  const group = source.groupAt(row);
  if (group === undefined) {
    return false;
  }
  const first = col <= 1 || grid.keyAt(col) === 'name';
  const closes = event.key === 'ArrowLeft' && group.open && first;
  const opens = event.key === 'ArrowRight' && !group.open;
  if (event.key === 'Enter' || closes || opens) {
    onToggleGroup?.(group.id);
    return true;
  }
  if (event.key === ' ') {
    select(grid, selection.toggleAll(source.namesAt(row)));
    return true;
  }
  return event.key === 'ArrowLeft' && col === 0 && toParent(grid, row, col);
}

/** To the line of the group that this line stands in. */
function toParent(grid: IGrid, row: number, col: number): boolean {
  const parent = grid.props.source.parentOf(row);
  if (parent >= 0) {
    grid.focus.set({ row: parent, col }, true);
    grid.reveal({ row: parent, col });
  }
  return parent >= 0;
}

/** Keys on a row that do not move. */
function rowKey(
  grid: IGrid,
  event: React.KeyboardEvent,
  target: ITarget
): boolean {
  const { source, selection, onOpen } = grid.props;
  const { row, col } = target.place;
  const name = source.nameAt(row);
  if (event.key === 'Escape' && selection.size > 0) {
    select(grid, selection.clear());
    return true;
  }
  if (name === undefined) {
    return groupKey(grid, event, target.place);
  }
  if (event.key === 'ArrowLeft' && col === 0 && toParent(grid, row, col)) {
    return true;
  }
  if (cellKey(grid, event, target, name)) {
    return true;
  }
  if (event.key === 'Enter') {
    onOpen(name);
    return true;
  }
  if (event.key === ' ') {
    const next = event.shiftKey
      ? rangeTo(grid, selection, row, true)
      : selection.toggle(name);
    select(grid, next);
    return true;
  }
  return false;
}

const CELL_KEYS: readonly CellAct[] = ['Enter', 'F2', 's'];

/** Keys that edit a cell. */
function cellKey(
  grid: IGrid,
  event: React.KeyboardEvent,
  target: ITarget,
  name: string
): boolean {
  const plain = !event.altKey && !event.shiftKey && !accel(event);
  const act = CELL_KEYS.find(key => key === event.key);
  const key = grid.keyAt(target.place.col) ?? 'name';
  return (
    plain &&
    act !== undefined &&
    (grid.props.onCell?.(act, name, key, target.element) ?? false)
  );
}

function moveKey(
  grid: IGrid,
  event: React.KeyboardEvent,
  from: IPlace
): boolean {
  const { source, selection } = grid.props;
  const to = moveFocus(event.key, accel(event), from, {
    rows: source.count,
    cols: grid.cols,
    page: grid.pageRows()
  });
  if (to === null) {
    return false;
  }
  if (event.shiftKey && from.row >= 0 && to.row >= 0 && to.row !== from.row) {
    const name = source.nameAt(from.row);
    // An old anchor counts only while the focus is still in what it selected.
    const base =
      name !== undefined && !selection.has(name)
        ? selection.only(name)
        : selection;
    select(grid, rangeTo(grid, base, to.row, false));
  }
  grid.focus.set(to, true);
  grid.reveal(to);
  return true;
}

function clickRow(grid: IGrid, event: React.MouseEvent, target: ITarget): void {
  const { source, selection, onOpen } = grid.props;
  const { place, element } = target;
  const on = (what: string): boolean =>
    (event.target as HTMLElement).closest(what) !== null;
  const toggles = place.col === 0 || accel(event);
  if (source.groupAt(place.row) !== undefined) {
    clickGroup(grid, event, place.row, toggles);
    return;
  }
  const name = source.nameAt(place.row);
  if (name === undefined) {
    return;
  }
  const key = grid.keyAt(place.col);
  if (key !== undefined && on('[data-edit]')) {
    grid.props.onCell?.('click', name, key, element);
  } else if (on('[data-open]') && !toggles && !event.shiftKey) {
    onOpen(name);
  } else if (event.shiftKey) {
    select(grid, rangeTo(grid, selection, place.row, toggles));
  } else {
    select(grid, toggles ? selection.toggle(name) : selection.only(name));
  }
}

function clickGroup(
  grid: IGrid,
  event: React.MouseEvent,
  row: number,
  toggles: boolean
): void {
  const { source, selection, onToggleGroup } = grid.props;
  const group = source.groupAt(row);
  if (event.shiftKey) {
    select(grid, rangeTo(grid, selection, row, toggles));
  } else if (toggles) {
    select(grid, selection.toggleAll(source.namesAt(row)));
  } else if (group !== undefined) {
    onToggleGroup?.(group.id);
  }
}

/** The selected rows with their titles, or the focused cell alone, as tab-separated text. */
function copied(grid: IGrid): string {
  const { source, selection, columns, layout, trans } = grid.props;
  const { flat } = source;
  const rows = [...selection.names]
    .map(name => flat.indexOf(name))
    .filter(row => row >= 0)
    .sort((a, b) => a - b);
  const shown = arrange(columns, layout).visible;
  if (rows.length > 0) {
    return toTsv(flat, rows, shown, trans);
  }
  const { row, col } = grid.focus.place;
  const column = columns.find(c => c.key === grid.keyAt(col));
  return column === undefined
    ? ''
    : tsvCell(rawCell(source.cell(row, column.key), formatOf(column)));
}

/** The handlers of the grid's root. */
export function gridActions(grid: IGrid): Handlers {
  return {
    onKeyDown: event => {
      const target = targetOf(event);
      if (target === null || event.target !== target.element) {
        return;
      }
      const all = accel(event) && event.key.toLowerCase() === 'a';
      if (all) {
        select(grid, selectAll(grid));
      }
      const done =
        all ||
        (target.place.row < 0
          ? titleKey(grid, event, target)
          : rowKey(grid, event, target)) ||
        moveKey(grid, event, target.place);
      if (done) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    onClick: event => {
      const target = targetOf(event);
      if (target === null) {
        return;
      }
      grid.focus.set(target.place, true);
      if (target.place.row >= 0) {
        clickRow(grid, event, target);
      } else if (target.place.col === 0) {
        toggleAll(grid);
      }
    },
    onDoubleClick: event => {
      const target = targetOf(event);
      const name =
        target === null || target.place.col === 0
          ? undefined
          : grid.props.source.nameAt(target.place.row);
      if (target === null || name === undefined) {
        return;
      }
      const key = grid.keyAt(target.place.col) ?? 'name';
      const { onCell, onOpen } = grid.props;
      if (!(onCell?.('dblclick', name, key, target.element) ?? false)) {
        onOpen(name);
      }
    },
    onCopy: event => {
      // Text that was marked, and text in a search box, is copied by the browser.
      const marked = !(window.getSelection()?.isCollapsed ?? true);
      if (!marked && targetOf(event) !== null) {
        event.clipboardData.setData('text/plain', copied(grid));
        event.preventDefault();
      }
    },
    onFocus: event => {
      const target = targetOf(event);
      if (target !== null && event.target === target.element) {
        grid.focus.set(target.place, false);
      }
    }
  };
}
