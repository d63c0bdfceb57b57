/** What a comparison shows, from the server's rows. Pure. */
import { toNumber } from '../../../api/decode';
import type { Schemas, SeriesSummary } from '../../../api/types';

export type CompareReply = Schemas['CompareReply'];
export type CompareRow = Schemas['CompareRow'];
export type Value = CompareRow['values'][number];
/** Which way a metric is better; none where nobody knows. */
export type Direction = 'min' | 'max' | 'none';

export const STATS = ['last', 'min', 'max'] as const;
export type Stat = (typeof STATS)[number];

/** One metric over all components. */
export interface IMetricRow {
  readonly name: string;
  readonly stats: Partial<Record<Stat, readonly Value[]>>;
  readonly differs: boolean;
}

const LOWER =
  /(^|[^a-z])(loss|losses|error|errors|err|mse|rmse|mae|mape|perplexity|ppl|nll|wer|cer|fid|brier|logloss|latency|time|duration|seconds|memory|regret)([^a-z]|$)/;
const HIGHER =
  /(^|[^a-z])(acc|accuracy|auc|auroc|auprc|ap|map|f1|precision|recall|bleu|rouge|r2|score|iou|dice|psnr|ssim|reward|return|throughput|kappa|mcc|ndcg|mrr|hit|top1|top5)([^a-z]|$)/;

/** Guess by the words of a metric's name; what says both says nothing. */
export function guessDirection(name: string): Direction {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const [low, high] = [LOWER.test(words), HIGHER.test(words)];
  return low === high ? 'none' : low ? 'min' : 'max';
}

/** For each metric the series that stands for it: the one with the least context, as in the server's rows. */
function plainest(
  all: readonly SeriesSummary[]
): ReadonlyMap<string, SeriesSummary> {
  const size = (one: SeriesSummary): number =>
    Object.keys(one.context ?? {}).length;
  const found = new Map<string, SeriesSummary>();
  for (const one of all) {
    const known = found.get(one.name);
    if (known === undefined || size(one) < size(known)) {
      found.set(one.name, one);
    }
  }
  return found;
}

const differ = (values: readonly Value[]): boolean =>
  values.some(value => value !== values[0]);

/**
 * Metrics by name: their last values by the rows, the extremes by the components' own summaries
 * (`measured`, in the order of the values). Those of the machine come last.
 */
export function metricRows(
  rows: readonly CompareRow[],
  measured: readonly (readonly SeriesSummary[])[]
): IMetricRow[] {
  const summaries = measured.map(plainest);
  const found = rows.flatMap((row): IMetricRow[] => {
    const match =
      row.group === 'metrics'
        ? /^(?:metrics\.)?(.*)\.last$/s.exec(row.key)
        : null;
    if (match === null) {
      return [];
    }
    const name = match[1];
    const series = summaries.map(all => all.get(name));
    const min = series.map(one => one?.min ?? null);
    const max = series.map(one => one?.max ?? null);
    const known = series.some(one => one !== undefined);
    return [
      {
        name,
        stats: known ? { last: row.values, min, max } : { last: row.values },
        differs: row.differs || differ(min) || differ(max)
      }
    ];
  });
  const own = (row: IMetricRow): boolean => !row.name.startsWith('system/');
  return [...found.filter(own), ...found.filter(row => !own(row))];
}

/** Whether a statistic can be called best: the last value, and the extreme on the good side. */
export const isJudged = (stat: Stat, direction: Direction): boolean =>
  direction !== 'none' && (stat === 'last' || stat === direction);

/** Places of the best finite values; none when all are equal or only one is there. */
export function bestOf(
  values: readonly Value[],
  direction: Direction
): ReadonlySet<number> {
  const numbers = values.map(value =>
    value === null || typeof value === 'boolean' ? NaN : toNumber(value)
  );
  const finite = numbers.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (direction === 'none' || finite.length < 2 || low === high) {
    return new Set();
  }
  const best = direction === 'min' ? low : high;
  return new Set(numbers.flatMap((number, i) => (number === best ? [i] : [])));
}

/** How far a value is from the baseline's, as a share; null where that says nothing. */
export function changeOf(value: Value, base: Value): number | null {
  if (typeof value !== 'number' || typeof base !== 'number' || base === 0) {
    return null;
  }
  const change = (value - base) / Math.abs(base);
  return Number.isFinite(change) && change !== 0 ? change : null;
}

/** Where the next page of rows begins; undefined: there is none. */
export const nextOf = (
  reply: Pick<CompareReply, 'next'>
): Record<string, number> | undefined =>
  Object.keys(reply.next ?? {}).length === 0 ? undefined : reply.next;

/** Rows of some groups that there are, and how many of them differ. */
export function totalsOf(
  totals: CompareReply['totals'],
  groups: readonly CompareRow['group'][]
): { rows: number; differ: number } {
  const found = groups.map(group => totals?.[group]);
  const sum = (key: 'rows' | 'differ'): number =>
    found.reduce((all, one) => all + (one?.[key] ?? 0), 0);
  return { rows: sum('rows'), differ: sum('differ') };
}

/** Whether an answer leaves rows of some groups out. */
export const isCut = (
  reply: Pick<CompareReply, 'next'>,
  groups: readonly CompareRow['group'][]
): boolean => groups.some(group => reply.next?.[group] !== undefined);

/** The name of a row without its group. */
export function shortKey(row: Pick<CompareRow, 'group' | 'key'>): string {
  const prefix = `${row.group}.`;
  return row.key.startsWith(prefix) ? row.key.slice(prefix.length) : row.key;
}

/** Whether the value is another one than the baseline's. */
export const isOther = (values: readonly Value[], i: number): boolean =>
  i > 0 && values[i] !== values[0];

/** Move one name by some places; what would leave the list stays. */
export function moved(
  names: readonly string[],
  name: string,
  by: number
): string[] {
  const from = names.indexOf(name);
  const to = from + by;
  if (from < 0 || to < 0 || to >= names.length) {
    return [...names];
  }
  const next = names.filter(one => one !== name);
  next.splice(to, 0, name);
  return next;
}

/** The same with `name` first: the others are held against it. */
export const withBaseline = (
  names: readonly string[],
  name: string
): string[] => [name, ...names.filter(one => one !== name)];
