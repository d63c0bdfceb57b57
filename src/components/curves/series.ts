/** Which curves there are: metrics of one or more components, those of the machine apart. Pure. */
import type { SeriesSummary } from '../../api/types';
import type { Range } from '../charts';
import { SYSTEM } from '../common/measures';
import type { ICurveGroup } from './CurveGrid';

/** A metric with its context, as text: `loss {"rank":1}`. */
export function seriesLabel(
  series: Pick<SeriesSummary, 'name' | 'context'>
): string {
  const context = series.context ?? {};
  return Object.keys(context).length === 0
    ? series.name
    : `${series.name} ${JSON.stringify(context)}`;
}

/** One component and its metrics. */
export interface IMeasured {
  readonly component: string;
  /** How its curves are called beside others; none: by metric and context. */
  readonly label?: string;
  readonly metrics: readonly SeriesSummary[];
}

/** Curves by metric name, in the order of their first appearance; a single point is no curve. */
export function curveGroups(all: readonly IMeasured[]): {
  readonly own: ICurveGroup[];
  readonly system: ICurveGroup[];
} {
  const groups = new Map<string, ICurveGroup['series'][number][]>();
  for (const { component, label, metrics } of all) {
    for (const one of metrics) {
      if (one.count > 1) {
        const context = Object.keys(one.context ?? {}).length > 0;
        const said =
          label === undefined
            ? seriesLabel(one)
            : context
              ? `${label} ${JSON.stringify(one.context)}`
              : label;
        const id = {
          component,
          name: one.name,
          context: one.context,
          label: said
        };
        groups.set(one.name, [...(groups.get(one.name) ?? []), id]);
      }
    }
  }
  const list = [...groups].map(([title, series]) => ({ title, series }));
  return {
    own: list.filter(group => !group.title.startsWith(SYSTEM)),
    system: list.filter(group => group.title.startsWith(SYSTEM))
  };
}

/** The part of an axis that holds all of these; null where that is no more than a point. */
export function unionOf(spans: Iterable<Range>): Range | null {
  let from = Infinity;
  let to = -Infinity;
  for (const span of spans) {
    from = Math.min(from, span[0]);
    to = Math.max(to, span[1]);
  }
  return from < to ? [from, to] : null;
}
