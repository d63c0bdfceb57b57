/**
 * The columns of a document, from what the server lists and what live events brought.
 *
 * An experiment may have 100,000 metric names. The server lists those of each group that most rows
 * have, and says how many there are; the others are found by asking it, and come in as soon as a
 * view names them.
 */
import type { Schemas } from '../../../api/types';
import { groupOf, metricOf, type IColumn } from '../../../components/table';

export type ColumnInfo = Schemas['ColumnInfo'];
/** A list of columns; what an older answer does not say of totals is nothing left out. */
export interface IColumnList {
  readonly items: readonly ColumnInfo[];
  readonly totals?: ColumnTotals;
}
/** How many columns of a group there are, listed or not. */
export type ColumnTotals = Partial<Record<string, number>>;

/** Statistics that can be asked of any metric. */
const EXTRA_STATS = ['min', 'max', 'avg'];
/** Columns that live events brought and a table arranges; the list that is read again has more. */
export const MOST_DISCOVERED = 3000;
/** Above so many metrics their other statistics are only found by searching. */
const FEW_METRICS = 500;

const columnOf = (info: ColumnInfo): IColumn => ({
  key: info.key,
  group: info.group,
  kind: info.kind,
  count: info.count,
  distinct: info.distinct ?? undefined
});

const bare = (key: string): IColumn => {
  const group = groupOf(key);
  return { key, group, kind: group === 'metrics' ? 'float' : 'category' };
};

/** Groups of which the server lists a part. */
export function cutGroups(
  infos: readonly ColumnInfo[],
  totals: ColumnTotals
): ReadonlySet<string> {
  const listed = new Map<string, number>();
  infos.forEach(i => listed.set(i.group, (listed.get(i.group) ?? 0) + 1));
  return new Set(
    Object.keys(totals).filter(
      group => (totals[group] ?? 0) > (listed.get(group) ?? 0)
    )
  );
}

/**
 * The server's columns, and statistics of metrics that can be had for the asking.
 *
 * @param named keys that a view names: they are in even where the list is cut.
 * @param totals how many there are; what exceeds the list may exist unlisted.
 */
export function columnsOf(
  infos: readonly ColumnInfo[],
  discovered: readonly string[],
  named: readonly string[] = [],
  totals: ColumnTotals = {}
): IColumn[] {
  const columns = new Map<string, IColumn>();
  const add = (column: IColumn): void => {
    if (!columns.has(column.key)) {
      columns.set(column.key, column);
    }
  };
  infos.forEach(info => add(columnOf(info)));
  discovered.slice(0, MOST_DISCOVERED).forEach(key => add(bare(key)));
  const cut = cutGroups(infos, totals);
  named.filter(key => cut.has(groupOf(key))).forEach(key => add(bare(key)));
  const metrics = [...columns.values()].filter(c => c.group === 'metrics');
  const exists = new Set(metrics.map(c => metricOf(c.key)?.name));
  const extra =
    metrics.length <= FEW_METRICS
      ? [...exists].flatMap(name =>
          EXTRA_STATS.map(stat => `metrics.${name}.${stat}`)
        )
      : named.filter(key => exists.has(metricOf(key)?.name));
  extra.forEach(key => add(bare(key)));
  if (!columns.has('name')) {
    add(bare('name'));
  }
  return [...columns.values()];
}

/** Columns as they are found by asking the server. */
export const foundColumns = (infos: readonly ColumnInfo[]): IColumn[] =>
  infos.map(columnOf);

/** What the server's list holds: keys, and names of metrics. */
interface IKnown {
  readonly keys: ReadonlySet<string>;
  readonly metrics: ReadonlySet<string>;
}

const known = new WeakMap<readonly ColumnInfo[], IKnown>();

function knownOf(infos: readonly ColumnInfo[]): IKnown {
  let found = known.get(infos);
  if (found === undefined) {
    found = {
      keys: new Set(infos.map(i => i.key)),
      metrics: new Set(infos.flatMap(i => metricOf(i.key)?.name ?? []))
    };
    known.set(infos, found);
  }
  return found;
}

/** Keys that a view names and that do not exist (any more). */
export function goneColumns(
  infos: readonly ColumnInfo[],
  discovered: readonly string[],
  named: readonly string[],
  totals: ColumnTotals = {}
): string[] {
  const { keys, metrics } = knownOf(infos);
  const cut = cutGroups(infos, totals);
  const live = new Set(discovered);
  return [...new Set(named)].filter(key => {
    const group = groupOf(key);
    if (group === 'meta' || keys.has(key) || live.has(key) || cut.has(group)) {
      return false;
    }
    const name = metricOf(key)?.name;
    return (
      name === undefined ||
      (!metrics.has(name) && !live.has(`metrics.${name}.last`))
    );
  });
}
