/** Bars and boxes of a metric, by trial or by the values of a parameter. Pure. */
import {
  axisOf,
  cellText,
  escapeLabel,
  isNumber,
  layoutOf,
  rowsByText,
  type IFigure,
  type IFigureColumn
} from './figureParts';
import { apart, shortLabels } from './shortLabels';
import { momentsOf, type IMoments } from './stats';
import { withAlpha, type IChartTheme } from './theme';

/** More bars than this are no picture. */
const MOST_BARS = 200;
const MOST_GROUPS = 60;
const NAMED = 16;

export type BarError = 'std' | 'range' | 'none';

/** One group of rows and what its values are. */
export interface IBarGroup {
  readonly label: string;
  readonly rows: readonly number[];
  readonly moments: IMoments;
}

/** Values of `y` by the texts of `by`. */
export function groupsOf(y: IFigureColumn, by: IFigureColumn): IBarGroup[] {
  return rowsByText(by.cells).flatMap(([label, rows]): IBarGroup[] => {
    const values = rows.flatMap(row => {
      const cell = y.cells[row];
      return isNumber(cell) ? [cell] : [];
    });
    const moments = momentsOf(values);
    return moments === null ? [] : [{ label, rows, moments }];
  });
}

/** What groups are called along an axis: cut, and never two the same. */
const namesOf = (groups: readonly IBarGroup[]): string[] =>
  apart(
    shortLabels(groups.map(g => g.label)).map(label => escapeLabel(label, 24))
  );

export interface IBarRows {
  readonly names: readonly string[];
  /** What the rows are called, in their order. */
  readonly labels: readonly string[];
  readonly y: IFigureColumn;
  readonly by: IFigureColumn | null;
  readonly error: BarError;
  readonly selected: ReadonlySet<string>;
}

/** A bar for each trial in the table's order, or the mean of each group with its spread. */
export function barFigure(rows: IBarRows, theme: IChartTheme): IFigure {
  return rows.by === null
    ? trialBars(rows, theme)
    : groupBars(rows, rows.by, theme);
}

function trialBars(rows: IBarRows, theme: IChartTheme): IFigure {
  const all = rows.names
    .map((_, i) => i)
    .filter(i => isNumber(rows.y.cells[i]));
  const kept = all.slice(0, MOST_BARS);
  const color = kept.map(i =>
    rows.selected.has(rows.names[i])
      ? theme.series[0]
      : withAlpha(theme.series[0], 0.55)
  );
  const bars = {
    type: 'bar',
    x: kept.map((_, at) => at),
    y: kept.map(i => rows.y.cells[i]),
    customdata: kept.map(i => rows.names[i]),
    text: kept.map(
      i =>
        `${escapeLabel(rows.labels[i])}<br>${escapeLabel(rows.y.label)}: ${cellText(rows.y.cells[i])}`
    ),
    textposition: 'none',
    hovertemplate: '%{text}<extra></extra>',
    marker: { color }
  };
  // Names under many bars cannot be read; the pointer tells them.
  const named = kept.length <= NAMED;
  const short = shortLabels(kept.map(i => rows.labels[i]));
  const ticks = {
    tickmode: 'array',
    tickvals: named ? kept.map((_, at) => at) : [],
    ticktext: named ? short.map(label => escapeLabel(label, 16)) : [],
    tickangle: kept.length > 6 ? -40 : 0
  };
  return {
    data: [bars],
    layout: layoutOf(theme, {
      xaxis: axisOf('', theme, { ...ticks, showgrid: false }),
      yaxis: axisOf(rows.y.label, theme, { zeroline: true })
    }),
    shown: kept.length,
    skipped: all.length - kept.length
  };
}

function groupBars(
  rows: IBarRows,
  by: IFigureColumn,
  theme: IChartTheme
): IFigure {
  const all = groupsOf(rows.y, by);
  const groups = all.slice(0, MOST_GROUPS);
  const means = groups.map(g => g.moments.mean);
  const std = rows.error === 'std';
  const error =
    rows.error === 'none'
      ? undefined
      : {
          type: 'data',
          symmetric: false,
          array: groups.map(({ moments: m }) => (std ? m.std : m.max - m.mean)),
          arrayminus: groups.map(({ moments: m }) =>
            std ? m.std : m.mean - m.min
          ),
          color: theme.text,
          thickness: 1.2,
          width: 4
        };
  const bars = {
    type: 'bar',
    x: namesOf(groups),
    y: means,
    text: groups.map(
      ({ label, moments: m }) =>
        `${escapeLabel(label)} (${m.n})<br>mean ${cellText(m.mean)}<br>` +
        `${cellText(m.min)} … ${cellText(m.max)}`
    ),
    textposition: 'none',
    hovertemplate: '%{text}<extra></extra>',
    marker: { color: withAlpha(theme.series[0], 0.75) },
    error_y: error
  };
  return {
    data: [bars],
    layout: layoutOf(theme, {
      xaxis: axisOf(by.label, theme, { type: 'category', showgrid: false }),
      yaxis: axisOf(rows.y.label, theme, { zeroline: true })
    }),
    shown: groups.length,
    skipped: all.length - groups.length
  };
}

/** How a metric is spread over the values of a parameter: quartiles, and every outlier as a point. */
export function boxFigure(
  rows: { names: readonly string[]; y: IFigureColumn; by: IFigureColumn },
  theme: IChartTheme
): IFigure {
  const all = groupsOf(rows.y, rows.by);
  const groups = all.slice(0, MOST_GROUPS);
  const names = namesOf(groups);
  const data = groups.map((group, n) => {
    const own = group.rows.filter(row => isNumber(rows.y.cells[row]));
    const color = theme.series[n % theme.series.length];
    return {
      type: 'box',
      name: names[n],
      y: own.map(row => rows.y.cells[row]),
      customdata: own.map(row => rows.names[row]),
      text: own.map(row => escapeLabel(rows.names[row])),
      boxpoints: group.moments.n <= 12 ? 'all' : 'outliers',
      jitter: 0.4,
      pointpos: 0,
      marker: { color, size: 4 },
      line: { color, width: 1.4 },
      fillcolor: withAlpha(color, 0.25)
    };
  });
  return {
    data,
    layout: layoutOf(theme, {
      xaxis: axisOf(rows.by.label, theme, {
        type: 'category',
        showgrid: false
      }),
      yaxis: axisOf(rows.y.label, theme)
    }),
    shown: groups.reduce((n, g) => n + g.moments.n, 0),
    skipped: all.length - groups.length
  };
}
