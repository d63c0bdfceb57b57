/**
 * What a column is, from its key alone: `name`, `params.lr`, `metrics.loss.last`, `tags.team`.
 *
 * Pure: no React, no server. Orders, defaults and labels of columns live here, so that the
 * table, its menu and the charts beside it call a column by one name.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

export type ColumnGroup = 'meta' | 'params' | 'metrics' | 'tags';
export type ColumnKind = 'float' | 'category';
export type ColumnFormat =
  'text' | 'number' | 'time' | 'duration' | 'status' | 'flag';

/** One column of a table. `distinct`, `min`, `max` are undefined where nobody counted. */
export interface IColumn {
  readonly key: string;
  readonly group: ColumnGroup;
  readonly kind: ColumnKind;
  readonly count?: number;
  readonly distinct?: number;
}

/** One key of an order; the first is the most important. */
export interface ISortKey {
  readonly key: string;
  readonly desc: boolean;
}

export const GROUPS: readonly ColumnGroup[] = [
  'meta',
  'params',
  'metrics',
  'tags'
];

const STAT_ORDER = ['last', 'min', 'max', 'avg', 'stddev', 'count'];
const STATS = new Set(STAT_ORDER);
const TIMES = new Set(['created', 'modified', 'started', 'ended']);
/** Meta columns that stand before metrics and parameters; the others stand behind them. */
const META_FRONT = new Set(['starred', 'name', 'status']);
const META_ORDER = [
  'starred',
  'name',
  'status',
  'display_name',
  'trial',
  'created',
  'duration',
  'kind',
  'started',
  'ended',
  'user',
  'host',
  'parent',
  'source',
  'note',
  'experiment'
];
/** Meta columns that are shown unless the user hides them; the name cell shows the display name. */
const META_SHOWN = new Set([
  'starred',
  'name',
  'status',
  'created',
  'duration'
]);
/** At most so many of a group are shown before the user chooses. */
const SHOWN_OF_GROUP: Readonly<Record<ColumnGroup, number>> = {
  meta: 100,
  params: 24,
  metrics: 24,
  tags: 6
};

/** The group of a column key. */
export function groupOf(key: string): ColumnGroup {
  if (key.startsWith('params.')) {
    return 'params';
  }
  if (key.startsWith('metrics.')) {
    return 'metrics';
  }
  return key.startsWith('tags.') ? 'tags' : 'meta';
}

/** The metric and statistic of `metrics.<name>.<stat>`; names may hold dots. */
export function metricOf(key: string): { name: string; stat: string } | null {
  if (!key.startsWith('metrics.')) {
    return null;
  }
  const rest = key.slice('metrics.'.length);
  const dot = rest.lastIndexOf('.');
  const stat = rest.slice(dot + 1);
  return dot > 0 && STATS.has(stat)
    ? { name: rest.slice(0, dot), stat }
    : { name: rest, stat: 'last' };
}

/** How likely a metric is the objective: of test or validation, then accuracies, then losses. */
export function metricScore(metric: string): number {
  const name = metric.toLowerCase();
  return (
    (/(^|[^a-z])(val|valid|validation|test|eval)/.test(name) ? 4 : 0) +
    (/acc|auc|f1|score|r2/.test(name) ? 2 : 0) +
    (/loss|err|rmse|mae|mse/.test(name) ? 1 : 0)
  );
}

/** How the values of a column are written. */
export function formatOf(column: IColumn): ColumnFormat {
  if (column.group === 'meta') {
    if (TIMES.has(column.key)) {
      return 'time';
    }
    if (column.key === 'duration') {
      return 'duration';
    }
    if (column.key === 'status') {
      return 'status';
    }
    if (column.key === 'starred') {
      return 'flag';
    }
  }
  return column.kind === 'float' ? 'number' : 'text';
}

/** The title of a column for people; parameters, metrics and tags keep the name users gave. */
export function labelOf(key: string, trans: TranslationBundle): string {
  const group = groupOf(key);
  if (group === 'meta') {
    return metaLabel(key, trans);
  }
  const metric = metricOf(key);
  if (metric !== null) {
    return metric.stat === 'last'
      ? metric.name
      : trans.__('%1 (%2)', metric.name, metric.stat);
  }
  return key.slice(group.length + 1);
}

function metaLabel(key: string, trans: TranslationBundle): string {
  const labels: Record<string, string> = {
    name: trans.__('Name'),
    display_name: trans.__('Display name'),
    status: trans.__('Status'),
    kind: trans.__('Kind'),
    trial: trans.__('Trial'),
    experiment: trans.__('Experiment'),
    created: trans.__('Created'),
    modified: trans.__('Changed'),
    started: trans.__('Started'),
    ended: trans.__('Ended'),
    duration: trans.__('Duration'),
    user: trans.__('User'),
    host: trans.__('Host'),
    parent: trans.__('Parent'),
    starred: trans.__('Starred'),
    note: trans.__('Note'),
    source: trans.__('Source')
  };
  return labels[key] ?? key;
}

/** The title of a group of columns. */
export function groupLabel(
  group: ColumnGroup,
  trans: TranslationBundle
): string {
  switch (group) {
    case 'meta':
      return trans.__('Component');
    case 'params':
      return trans.__('Parameters');
    case 'metrics':
      return trans.__('Metrics');
    case 'tags':
      return trans.__('Tags');
  }
}

function rank(key: string): number {
  const at = META_ORDER.indexOf(key);
  return at < 0 ? META_ORDER.length : at;
}

const orders = new WeakMap<readonly IColumn[], readonly IColumn[]>();
const firsts = new WeakMap<readonly IColumn[], ReadonlySet<string>>();

/** Compute once for a list of columns: lists are never changed in place. */
function remembered<T extends object>(
  memory: WeakMap<readonly IColumn[], T>,
  columns: readonly IColumn[],
  compute: () => T
): T {
  let value = memory.get(columns);
  if (value === undefined) {
    value = compute();
    memory.set(columns, value);
  }
  return value;
}

function placeOf(column: IColumn): number {
  switch (column.group) {
    case 'meta':
      return META_FRONT.has(column.key) ? 0 : 5;
    case 'metrics':
      return 1;
    case 'params':
      return column.distinct === 1 ? 3 : 2;
    case 'tags':
      return 4;
  }
}

/**
 * Columns in their default order: name and status, metrics, parameters that differ, other
 * parameters, tags, the rest.
 *
 * Metrics stand before parameters because the objective is what people look for first.
 */
export function defaultOrder(columns: readonly IColumn[]): readonly IColumn[] {
  return remembered(orders, columns, () =>
    columns
      .map(column => {
        const metric = metricOf(column.key);
        return {
          column,
          place: placeOf(column),
          rank: rank(column.key),
          metric: metric?.name ?? '',
          score: metricScore(metric?.name ?? ''),
          stat: STAT_ORDER.indexOf(metric?.stat ?? '')
        };
      })
      .sort(
        (a, b) =>
          a.place - b.place ||
          a.rank - b.rank ||
          b.score - a.score ||
          naturalOrder.compare(a.metric, b.metric) ||
          a.stat - b.stat ||
          naturalOrder.compare(a.column.key, b.column.key)
      )
      .map(({ column }) => column)
  );
}

/** Tags that programs set for themselves. */
const OWN_TAGS = /^tags\.(sagemaker|mlstudio|mlflow)[:.]/;

/** Whether a column is shown before anybody chose; how many of its group are is not asked. */
function isFirst(column: IColumn): boolean {
  const { key, group, count, distinct } = column;
  switch (group) {
    case 'meta':
      return META_SHOWN.has(key) || (key === 'note' && (count ?? 0) > 0);
    case 'params':
      return distinct !== 1;
    case 'metrics':
      return (
        !key.startsWith('metrics.system/') && metricOf(key)?.stat === 'last'
      );
    case 'tags':
      return !OWN_TAGS.test(key);
  }
}

/** Keys that are shown before the user chooses: few meta, metrics' last, parameters that differ, tags. */
export function defaultShown(columns: readonly IColumn[]): ReadonlySet<string> {
  return remembered(firsts, columns, () => {
    const shown = new Set<string>();
    const left = { ...SHOWN_OF_GROUP };
    for (const column of defaultOrder(columns)) {
      if (isFirst(column) && left[column.group] > 0) {
        shown.add(column.key);
        left[column.group] -= 1;
      }
    }
    return shown;
  });
}

/** The width of a column in pixels before anybody drags it. */
export function defaultWidth(column: IColumn, label: string): number {
  const byLabel = 46 + Math.min(label.length, 24) * 7.5;
  switch (formatOf(column)) {
    case 'status':
      return 118;
    case 'time':
      return Math.max(120, byLabel);
    case 'duration':
      return Math.max(88, byLabel);
    case 'flag':
      return 34;
    case 'number':
      return Math.max(92, byLabel);
    case 'text':
      return Math.max(110, byLabel);
  }
}

/** The width of the name column for the longest of these many characters. */
export function nameWidth(characters: number): number {
  return Math.max(130, Math.min(280, 48 + characters * 7.4));
}

export const MIN_WIDTH = 48;
export const MAX_WIDTH = 800;

/** Text order in which `run-10` follows `run-9`. */
export const naturalOrder = new Intl.Collator(undefined, {
  numeric: true,
  sensitivity: 'base'
});

/** `["-metrics.loss.last", "name"]` → keys; empty and repeated keys are dropped. */
export function parseSort(texts: readonly string[]): ISortKey[] {
  const seen = new Set<string>();
  const keys: ISortKey[] = [];
  for (const text of texts) {
    const desc = text.startsWith('-');
    const key = desc ? text.slice(1) : text;
    if (key !== '' && !seen.has(key)) {
      seen.add(key);
      keys.push({ key, desc });
    }
  }
  return keys;
}

/** Keys → the server's `order`. */
export function formatSort(keys: readonly ISortKey[]): string[] {
  return keys.map(({ key, desc }) => (desc ? '-' : '') + key);
}

/**
 * The order after a click on a column's header.
 *
 * The first click sorts upwards, the second downwards, the third not at all. With `multi` the
 * other keys stay; the server takes eight.
 */
export function toggleSort(
  keys: readonly ISortKey[],
  key: string,
  multi: boolean
): ISortKey[] {
  const now = keys.find(k => k.key === key);
  const next: ISortKey | null =
    now === undefined
      ? { key, desc: false }
      : now.desc
        ? null
        : { key, desc: true };
  if (!multi) {
    return next === null ? [] : [next];
  }
  if (now === undefined) {
    return next === null ? [...keys] : [...keys, next].slice(-8);
  }
  return keys.flatMap(k =>
    k.key === key ? (next === null ? [] : [next]) : [k]
  );
}
