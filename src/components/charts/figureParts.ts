/**
 * What plotly figures share: axes, margins, colours of the theme.
 *
 * plotly reads a small HTML subset in its labels: what users wrote is escaped here, once.
 */
import { naturalOrder } from '../table/columns';
import { formatNumber, type Cell } from '../table/values';
import { scaleColor } from './palette';
import { withAlpha, type IChartTheme } from './theme';

/** plotly's data and layout. */
export interface IFigure {
  readonly data: readonly object[];
  readonly layout: object;
  /** Rows (or cells, or bars) that are drawn. */
  readonly shown: number;
  /** Rows that were left out for speed. */
  readonly skipped: number;
}

/** A column over the rows that are drawn. */
export interface IFigureColumn {
  readonly key: string;
  readonly label: string;
  readonly cells: readonly Cell[];
}

const LABEL = 80;

/** A label that plotly writes as it is. */
export function escapeLabel(text: string, most = LABEL): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** A cell as people read it; empty where there is none. */
export function cellText(cell: Cell): string {
  return cell === null || cell === undefined
    ? ''
    : typeof cell === 'number'
      ? formatNumber(cell)
      : cell;
}

export const isNumber = (cell: Cell): cell is number =>
  typeof cell === 'number' && Number.isFinite(cell);

/** Positive numbers over more than three decades are read on a log scale, as in parallel coordinates. */
export function spansDecades(cells: readonly Cell[]): boolean {
  let [min, max] = [Infinity, 0];
  for (const cell of cells) {
    if (typeof cell === 'string' || (typeof cell === 'number' && cell <= 0)) {
      return false;
    }
    if (isNumber(cell)) {
      min = Math.min(min, cell);
      max = Math.max(max, cell);
    }
  }
  return max / min > 1000;
}

/** An axis with a title that the user may have written. */
export function axisOf(
  label: string,
  theme: IChartTheme,
  more: object = {}
): object {
  return {
    title: { text: escapeLabel(label), font: { size: 12 }, standoff: 8 },
    exponentformat: 'e',
    gridcolor: withAlpha(theme.grid, 0.7),
    zeroline: false,
    linecolor: theme.grid,
    automargin: true,
    tickfont: { color: theme.faint, size: theme.size },
    ...more
  };
}

export const LOG_AXIS = { type: 'log', dtick: 1 } as const;

/** The layout around the axes. */
export function layoutOf(
  theme: IChartTheme,
  axes: { readonly xaxis: object; readonly yaxis: object },
  more: object = {}
): object {
  return {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: theme.font, color: theme.text, size: theme.size },
    margin: { l: 48, r: 16, t: 12, b: 44 },
    ...axes,
    showlegend: false,
    legend: {
      orientation: 'h',
      y: 1.02,
      yanchor: 'bottom',
      x: 0,
      itemsizing: 'constant'
    },
    hoverlabel: {
      bgcolor: theme.background,
      bordercolor: theme.grid,
      font: { color: theme.text, family: theme.font },
      align: 'left'
    },
    hovermode: 'closest',
    dragmode: 'zoom',
    ...more
  };
}

/** Our scale of one hue to another, as plotly wants it. */
export const colorScale = (theme: IChartTheme): (string | number)[][] =>
  [0, 0.25, 0.5, 0.75, 1].map(t => [t, scaleColor(t, theme.dark)]);

export function colorBar(label: string, theme: IChartTheme): object {
  return {
    title: { text: escapeLabel(label, 40), side: 'right' },
    thickness: 10,
    outlinewidth: 0,
    exponentformat: 'e',
    tickfont: { color: theme.faint }
  };
}

/** Rows by the text of a column, in natural order; rows without a value are left out. */
export function rowsByText(cells: readonly Cell[]): [string, number[]][] {
  const found = new Map<string, number[]>();
  cells.forEach((cell, row) => {
    const text = cellText(cell);
    if (text !== '') {
      const rows = found.get(text);
      if (rows === undefined) {
        found.set(text, [row]);
      } else {
        rows.push(row);
      }
    }
  });
  return [...found].sort(([a], [b]) => naturalOrder.compare(a, b));
}
