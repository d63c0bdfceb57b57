/**
 * What the user did to the columns of a table: hid, showed, moved, widened, pinned.
 *
 * Only deviations from the defaults are kept, so that a metric logged for the first time appears
 * by itself. `arrange` joins deviations and columns into what the table draws.
 */
import {
  defaultOrder,
  defaultShown,
  MAX_WIDTH,
  MIN_WIDTH,
  type IColumn
} from './columns';

export interface ITableLayout {
  readonly hidden: readonly string[];
  readonly shown: readonly string[];
  readonly order: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
  readonly pinned: readonly string[];
}

export const DEFAULT_LAYOUT: ITableLayout = {
  hidden: [],
  shown: [],
  order: [],
  widths: {},
  pinned: ['starred', 'name']
};

/** Columns in drawing order (pinned ones first), with those that are hidden. */
export interface IArrangement {
  readonly all: readonly IColumn[];
  readonly visible: readonly IColumn[];
  readonly isVisible: (key: string) => boolean;
}

export function arrange(
  columns: readonly IColumn[],
  layout: ITableLayout
): IArrangement {
  const shown = new Set(defaultShown(columns));
  layout.shown.forEach(key => shown.add(key));
  layout.hidden.forEach(key => shown.delete(key));
  const place = new Map(layout.order.map((key, i) => [key, i]));
  const byDefault = defaultOrder(columns);
  const moved = byDefault
    .filter(c => place.has(c.key))
    .sort((a, b) => (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
  const all = [...moved, ...byDefault.filter(c => !place.has(c.key))];
  const pins = layout.pinned.flatMap(key => all.filter(c => c.key === key));
  const pinned = new Set(pins.map(c => c.key));
  const sorted = [...pins, ...all.filter(c => !pinned.has(c.key))];
  return {
    all: sorted,
    visible: sorted.filter(c => shown.has(c.key)),
    isVisible: key => shown.has(key)
  };
}

/** Show or hide a column. */
export function setVisible(
  layout: ITableLayout,
  key: string,
  visible: boolean
): ITableLayout {
  const without = (keys: readonly string[]): string[] =>
    keys.filter(k => k !== key);
  return {
    ...layout,
    shown: visible ? [...without(layout.shown), key] : without(layout.shown),
    hidden: visible ? without(layout.hidden) : [...without(layout.hidden), key]
  };
}

/** Pin a column after the pinned ones, or let it go. */
export function setPinned(
  layout: ITableLayout,
  key: string,
  pinned: boolean
): ITableLayout {
  const others = layout.pinned.filter(k => k !== key);
  return { ...layout, pinned: pinned ? [...others, key] : others };
}

export function setWidth(
  layout: ITableLayout,
  key: string,
  width: number
): ITableLayout {
  const bounded = Math.round(Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, width)));
  return { ...layout, widths: { ...layout.widths, [key]: bounded } };
}

/** Put column `key` before column `before` (null: at the end), inside its own region. */
export function moveColumn(
  layout: ITableLayout,
  arrangement: IArrangement,
  key: string,
  before: string | null
): ITableLayout {
  const isPinned = layout.pinned.includes(key);
  if (before !== null && layout.pinned.includes(before) !== isPinned) {
    return layout;
  }
  const list = isPinned
    ? layout.pinned.filter(k => k !== key)
    : arrangement.all
        .map(c => c.key)
        .filter(k => k !== key && !layout.pinned.includes(k));
  const at = before === null ? list.length : list.indexOf(before);
  list.splice(at < 0 ? list.length : at, 0, key);
  return isPinned ? { ...layout, pinned: list } : { ...layout, order: list };
}

/** Put a column before or after another visible one. */
export function moveBeside(
  layout: ITableLayout,
  arrangement: IArrangement,
  key: string,
  beside: string,
  after: boolean
): ITableLayout {
  const isPinned = layout.pinned.includes(beside);
  const region = arrangement.visible
    .map(c => c.key)
    .filter(k => layout.pinned.includes(k) === isPinned && k !== key);
  const at = region.indexOf(beside) + (after ? 1 : 0);
  const moved =
    layout.pinned.includes(key) === isPinned
      ? layout
      : setPinned(layout, key, isPinned);
  return moveColumn(moved, arrangement, key, region[at] ?? null);
}

/** Move a column one visible place to the left (-1) or right (1). */
export function nudgeColumn(
  layout: ITableLayout,
  arrangement: IArrangement,
  key: string,
  by: -1 | 1
): ITableLayout {
  const isPinned = layout.pinned.includes(key);
  const region = arrangement.visible
    .map(c => c.key)
    .filter(k => layout.pinned.includes(k) === isPinned);
  const at = region.indexOf(key);
  const target = at + by;
  if (at < 0 || target < 0 || target >= region.length) {
    return layout;
  }
  const before = by < 0 ? region[target] : (region[target + 1] ?? null);
  return moveColumn(layout, arrangement, key, before);
}
