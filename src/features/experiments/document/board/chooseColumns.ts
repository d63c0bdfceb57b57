/** Which columns a chart shows before anybody chose. */
import {
  metricOf,
  metricScore,
  type IColumn
} from '../../../../components/table';

const MOST_AXES = 8;
/** Metrics that are drawn before the user chooses. */
const FIRST_METRICS = 4;
const META = new Set(['duration', 'status', 'user', 'host', 'kind']);

/** Columns that have values to plot, metrics first, then parameters that differ. */
export function plottable(columns: readonly IColumn[]): IColumn[] {
  const rank = (c: IColumn): number => {
    if (c.group === 'metrics') {
      return metricOf(c.key)?.stat === 'last' ? 0 : 3;
    }
    if (c.group === 'params') {
      return c.distinct === 1 ? 2 : 1;
    }
    return c.group === 'meta' ? 4 : 5;
  };
  return columns
    .filter(c => c.group !== 'meta' || META.has(c.key))
    .map((c, i) => ({ c, i }))
    .sort((a, b) => rank(a.c) - rank(b.c) || a.i - b.i)
    .map(({ c }) => c);
}

const isLast = (c: IColumn): boolean =>
  c.group === 'metrics' &&
  metricOf(c.key)?.stat === 'last' &&
  !c.key.startsWith('metrics.system/');
const differs = (c: IColumn): boolean =>
  c.group === 'params' && c.distinct !== 1;

/** The objective by guess: an accuracy, then a loss, of test or validation first. */
export function objectiveOf(columns: readonly IColumn[]): IColumn | undefined {
  const score = (c: IColumn): number =>
    metricScore(metricOf(c.key)?.name ?? '');
  const metrics = columns.filter(isLast);
  return metrics.reduce<IColumn | undefined>(
    (best, c) => (best === undefined || score(c) > score(best) ? c : best),
    undefined
  );
}

/** x and y of a scatter: a parameter that differs against the objective. */
export function choosePair(
  columns: readonly IColumn[],
  x: string | null,
  y: string | null
): { x: string; y: string } | null {
  const has = (key: string | null): key is string =>
    columns.some(c => c.key === key);
  const objective = objectiveOf(columns)?.key;
  const differing = columns.filter(differs);
  const numeric = differing.find(c => c.kind === 'float') ?? differing[0];
  const firstX = numeric?.key ?? columns.find(c => c.key !== objective)?.key;
  const firstY = objective ?? columns.find(c => c.key !== firstX)?.key;
  const pair = { x: has(x) ? x : firstX, y: has(y) ? y : firstY };
  return pair.x !== undefined && pair.y !== undefined
    ? { x: pair.x, y: pair.y }
    : null;
}

/** Parameters that differ, then the objective at the right end. */
export function chooseAxes(
  columns: readonly IColumn[],
  chosen: readonly string[] | null
): string[] {
  if (chosen !== null) {
    return chosen.filter(key => columns.some(c => c.key === key));
  }
  const objective = objectiveOf(columns);
  const params = columns.filter(differs).slice(0, MOST_AXES - 1);
  const metrics = columns
    .filter(c => isLast(c) && c !== objective)
    .slice(0, Math.max(0, 3 - params.length));
  return [
    ...params,
    ...metrics,
    ...(objective === undefined ? [] : [objective])
  ].map(c => c.key);
}

/** The axis that gives the colour: the chosen one, else the objective, else the last. */
export function chooseColor(
  columns: readonly IColumn[],
  axes: readonly string[],
  chosen: string | null
): string | null {
  if (chosen !== null && axes.includes(chosen)) {
    return chosen;
  }
  const objective = objectiveOf(columns)?.key;
  return objective !== undefined && axes.includes(objective)
    ? objective
    : (axes[axes.length - 1] ?? null);
}

/** Names of metrics: likely objectives first, then in the columns' order. */
export function metricNames(columns: readonly IColumn[]): string[] {
  const names = new Set<string>();
  for (const column of columns) {
    const metric = metricOf(column.key);
    if (metric !== null && metric.stat === 'last') {
      names.add(metric.name);
    }
  }
  return [...names].sort((a, b) => metricScore(b) - metricScore(a));
}

/** The metrics to draw: the chosen ones that exist, or the first ones that are not the system's. */
export function shownMetrics(
  all: readonly string[],
  chosen: readonly string[] | null
): string[] {
  if (chosen !== null) {
    return chosen.filter(name => all.includes(name));
  }
  return all
    .filter(name => !name.startsWith('system/'))
    .slice(0, FIRST_METRICS);
}
