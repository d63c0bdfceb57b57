/**
 * The columns of a document, from what the server lists and what live events brought.
 *
 * An experiment may have 100,000 metric names. The list that the table arranges is cut; what was
 * cut is found by `searchColumns`, and comes in as soon as a view names it.
 */
import type { Schemas } from '../../../api/types';
import { groupOf, metricOf, type IColumn } from '../../../components/table';

export type ColumnInfo = Schemas['ColumnInfo'];

/** Statistics that can be asked of any metric. */
const EXTRA_STATS = ['min', 'max', 'avg'];
/** Columns of the server that a table arranges; more are found by searching. */
export const MOST_COLUMNS = 3000;
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

/**
 * The server's columns, and statistics of metrics that can be had for the asking.
 *
 * @param named keys that a view names: they are in even where the list is cut.
 */
export function columnsOf(
  infos: readonly ColumnInfo[],
  discovered: readonly string[],
  named: readonly string[] = []
): IColumn[] {
  const columns = new Map<string, IColumn>();
  const add = (column: IColumn): void => {
    if (!columns.has(column.key)) {
      columns.set(column.key, column);
    }
  };
  infos.slice(0, MOST_COLUMNS).forEach(info => add(columnOf(info)));
  if (infos.length > MOST_COLUMNS) {
    const wanted = new Set(named);
    infos.filter(i => wanted.has(i.key)).forEach(info => add(columnOf(info)));
  }
  discovered.slice(0, MOST_COLUMNS).forEach(key => add(bare(key)));
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

/** Columns that the list left out and whose key holds the text, at most `most` of them. */
export function searchColumns(
  infos: readonly ColumnInfo[],
  text: string,
  most = 200
): IColumn[] {
  const needle = text.trim().toLowerCase();
  const found: IColumn[] = [];
  for (let i = MOST_COLUMNS; i < infos.length && needle !== ''; i++) {
    if (infos[i].key.toLowerCase().includes(needle)) {
      found.push(columnOf(infos[i]));
      if (found.length >= most) {
        break;
      }
    }
  }
  return found;
}

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
  named: readonly string[]
): string[] {
  const { keys, metrics } = knownOf(infos);
  const live = new Set(discovered);
  return [...new Set(named)].filter(key => {
    if (groupOf(key) === 'meta' || keys.has(key) || live.has(key)) {
      return false;
    }
    const name = metricOf(key)?.name;
    return (
      name === undefined ||
      (!metrics.has(name) && !live.has(`metrics.${name}.last`))
    );
  });
}
