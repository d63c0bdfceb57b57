/** Which line is drawn how: curves one by one with their runs' colours, or as groups. */
import type { CurveSet, ISeriesId } from './curves';
import { seriesKey } from './curves';
import { groupLine, type BandKind } from './groupLines';
import { palette } from './palette';
import type { ILineData, IPlotLine } from './plotColumns';
import type { IChartTheme } from './theme';

/** Curves that are drawn as one. */
export interface ILineGroups {
  /** The group of a series; undefined leaves it out. */
  of(id: ISeriesId): string | undefined;
  readonly band: BandKind;
}

const hasContext = (id: ISeriesId): boolean =>
  Object.keys(id.context ?? {}).length > 0;

/** Contexts of one component are told apart; otherwise the component is what has a colour. */
const styleName = (id: ISeriesId): string =>
  id.style ?? (hasContext(id) ? labelOf(id) : id.component);

/** A context for people: `subset=val, rank=1`. */
export function contextText(context: ISeriesId['context']): string {
  return Object.entries(context ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

function labelOf(id: ISeriesId): string {
  if (id.label !== undefined || !hasContext(id)) {
    return id.label ?? id.component;
  }
  return `${id.component} (${contextText(id.context)})`;
}

/** The lines of single curves. */
export function linesOf(
  series: readonly ISeriesId[],
  set: CurveSet,
  theme: IChartTheme
): IPlotLine[] {
  palette.settle(new Set(series.map(styleName)));
  return series.flatMap(id => {
    const buffer = set.get(id);
    if (buffer === undefined) {
      return [];
    }
    const style = palette.styleOf(styleName(id));
    const color = theme.series[style.slot - 1];
    const dash = id.dash ?? style.dash;
    return [{ key: seriesKey(id), label: labelOf(id), color, dash, buffer }];
  });
}

/** One line for each group, its label with the number of curves. */
export function groupedLines(
  series: readonly ISeriesId[],
  set: CurveSet,
  theme: IChartTheme,
  groups: ILineGroups,
  smooth: boolean
): IPlotLine[] {
  const found = new Map<string, ILineData[]>();
  for (const id of series) {
    const group = groups.of(id);
    const buffer = set.get(id);
    if (group !== undefined && buffer !== undefined && buffer.length > 0) {
      found.set(group, [...(found.get(group) ?? []), buffer]);
    }
  }
  const style = (label: string): string => `group:${label}`;
  palette.settle([...found.keys()].map(style));
  return [...found].map(([label, curves]) => {
    const { slot, dash } = palette.styleOf(style(label));
    return {
      key: style(label),
      label: `${label} (${curves.length})`,
      color: theme.series[slot - 1],
      dash,
      buffer: groupLine(curves, groups.band, smooth)
    };
  });
}
