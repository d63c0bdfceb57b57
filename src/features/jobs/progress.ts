/** How far a job is, by the step of its metrics and the number of steps that it was given. Pure. */
import type { SeriesSummary } from '../../api/types';
import { SYSTEM } from '../../components/common/measures';

/** Hyperparameters that say how many steps there are, the surest first. */
const TOTALS = [
  'max_steps',
  'total_steps',
  'num_steps',
  'n_steps',
  'steps',
  'num_train_epochs',
  'max_epochs',
  'num_epochs',
  'n_epochs',
  'nb_epochs',
  'epochs',
  'num_round',
  'num_boost_round',
  'iterations',
  'max_iter'
];

type Parameters = Readonly<Record<string, string>>;

/** A number of steps among the hyperparameters, whose values are JSON texts. */
export function totalSteps(parameters: Parameters): number | null {
  const known = new Map(
    Object.entries(parameters).map(([key, value]) => [
      key.toLowerCase().replace(/-/g, '_'),
      value
    ])
  );
  for (const name of TOTALS) {
    const total = Number((known.get(name) ?? '').replace(/"/g, '') || NaN);
    if (Number.isInteger(total) && total > 0) {
      return total;
    }
  }
  return null;
}

const own = (series: SeriesSummary): boolean =>
  !series.name.startsWith(SYSTEM) && series.count > 0;

/** From 0 to 1; null where nobody can tell. Steps beyond the total count something else. */
export function progressOf(
  parameters: Parameters,
  series: readonly SeriesSummary[]
): number | null {
  const total = totalSteps(parameters);
  const counted = series.filter(own);
  if (total === null || counted.length === 0) {
    return null;
  }
  const parts = counted.map(one => {
    // Steps begin at 0 or at 1: as many points as the last step is high say which.
    const from0 = one.count === one.last_step + 1;
    return (from0 ? one.last_step + 1 : one.last_step) / total;
  });
  const most = Math.max(...parts);
  return most > 1 || most <= 0 ? null : most;
}

/** Milliseconds that are left at the pace so far; null before there is a pace. */
export function timeLeft(progress: number | null, ranMs: number | null) {
  return progress === null || ranMs === null || progress < 0.02 || progress >= 1
    ? null
    : (ranMs * (1 - progress)) / progress;
}

/** The metric that was written last; those of the machine do not count. */
export function lastMetric(
  series: readonly SeriesSummary[]
): SeriesSummary | null {
  let last: SeriesSummary | null = null;
  for (const one of series.filter(own)) {
    if (last === null || Number(one.last_ts) > Number(last.last_ts)) {
      last = one;
    }
  }
  return last;
}
