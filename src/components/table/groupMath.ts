/** What a group says of its rows: mean, extremes, what they share. Pure but for the local day. */
import { formatOf, groupOf, naturalOrder } from './columns';
import type { MutableColumn } from './localColumn';
import type { Summary } from './rowSource';
import { shelf, type Cell } from './values';

/** The start of a local day, for columns of times. */
function dayOf(micros: number): number {
  const date = new Date(micros / 1000);
  date.setHours(0, 0, 0, 0);
  return date.getTime() * 1000;
}

/** Whether a column holds times. */
export const isTime = (key: string): boolean =>
  formatOf({ key, group: groupOf(key), kind: 'float' }) === 'time';

/** What rows with this cell have in common: the cell itself, or the day of a time. */
export function bucketOf(value: Cell, byDay: boolean): Cell {
  return byDay && typeof value === 'number' && Number.isFinite(value)
    ? dayOf(value)
    : (value ?? null);
}

function shelfOf(value: Cell): number {
  return typeof value === 'number'
    ? shelf(value, false)
    : value === null || value === undefined
      ? 2
      : 0;
}

/** Values in natural order; not finite numbers last, then missing ones, in both directions. */
export function byValue(a: Cell, b: Cell, desc: boolean): number {
  const shelves = shelfOf(a) - shelfOf(b);
  if (shelves !== 0) {
    return shelves;
  }
  const d =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : naturalOrder.compare(String(a), String(b));
  return desc ? -d : d;
}

/** The lowest and highest finite value; infinities the wrong way round without one. */
export function extremes(
  column: MutableColumn,
  places: ArrayLike<number>
): [number, number] {
  const { min, max } = column.fold(places);
  return [min, max];
}

/** The mean of finite values, or null without one. */
export function meanOf(column: MutableColumn, places: ArrayLike<number>): Cell {
  const { finite, mean } = column.fold(places);
  return finite === 0 ? null : mean;
}

/** What rows have to say in a column; `band` gives the extremes of all shown rows. */
export function summarize(
  column: MutableColumn,
  places: ArrayLike<number>,
  band: () => [number, number]
): Summary {
  const fold = column.fold(places);
  const { missing, distinct, first, finite, mean, min, max } = fold;
  if (distinct <= 1) {
    return { kind: 'same', value: first, missing };
  }
  if (finite === 0) {
    return { kind: 'many', distinct, missing };
  }
  const [low, high] = band();
  const share = (value: number): number =>
    high > low ? value / (high - low) - low / (high - low) : 0.5;
  return {
    kind: 'numbers',
    mean,
    min,
    max,
    missing,
    bar: { from: share(min), to: share(max), mean: share(mean) }
  };
}
