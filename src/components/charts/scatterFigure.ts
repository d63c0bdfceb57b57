/**
 * A scatter of rows as plotly's data and layout. Pure: rows in, plain objects out.
 *
 * plotly reads a small HTML subset in its labels: what users wrote is escaped here, once.
 */
import { formatNumber, type Cell } from '../table/values';
import { naturalOrder } from '../table/columns';
import { scaleColor } from './palette';
import { withAlpha, type IChartTheme } from './theme';

export interface IScatterColumn {
  readonly key: string;
  readonly label: string;
  readonly cells: readonly Cell[];
}

export interface IScatterRows {
  readonly names: readonly string[];
  readonly x: IScatterColumn;
  readonly y: IScatterColumn;
  readonly color: IScatterColumn | null;
  readonly selected: ReadonlySet<string>;
}

export interface IFigure {
  readonly data: readonly object[];
  readonly layout: object;
  /** Rows that have both values. */
  readonly shown: number;
  /** Rows that were left out for speed. */
  readonly skipped: number;
}

/** SVG markers beyond this make every pan slow. */
const MOST = 5000;
const LABEL = 80;

/** A label that plotly writes as it is. */
export function escapeLabel(text: string): string {
  const cut = text.length > LABEL ? `${text.slice(0, LABEL)}…` : text;
  return cut.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

const drawable = (cell: Cell): boolean =>
  typeof cell === 'string' ||
  (typeof cell === 'number' && Number.isFinite(cell));

export function scatterFigure(rows: IScatterRows, theme: IChartTheme): IFigure {
  const both = rows.names
    .map((_, i) => i)
    .filter(i => drawable(rows.x.cells[i]) && drawable(rows.y.cells[i]));
  const step = Math.max(1, both.length / MOST);
  const kept =
    step === 1
      ? both
      : both.filter(
          (_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step)
        );
  const data = [
    ...tracesOf(rows, kept, theme),
    ...selectedTrace(rows, kept, theme)
  ];
  return {
    data,
    layout: layoutOf(rows, theme, data.length > 1),
    shown: kept.length,
    skipped: both.length - kept.length
  };
}

function tracesOf(
  rows: IScatterRows,
  kept: readonly number[],
  theme: IChartTheme
): object[] {
  const { color } = rows;
  if (color === null) {
    return [
      trace(rows, kept, { color: withAlpha(theme.brand, 0.75), size: 8 }, '')
    ];
  }
  const cells = kept.map(i => color.cells[i]);
  if (cells.some(cell => typeof cell === 'string')) {
    const values = [...new Set(cells.map(cell => text(cell)))].sort(
      naturalOrder.compare
    );
    return values.map((value, n) =>
      trace(
        rows,
        kept.filter(i => text(color.cells[i]) === value),
        {
          color: theme.series[n % theme.series.length],
          symbol: SYMBOLS[n % SYMBOLS.length],
          size: 8
        },
        escapeLabel(value === '' ? 'n/a' : value)
      )
    );
  }
  const stops = [0, 0.25, 0.5, 0.75, 1].map(t => [
    t,
    scaleColor(t, theme.dark)
  ]);
  return [
    trace(
      rows,
      kept,
      {
        color: cells.map(cell =>
          typeof cell === 'number' && Number.isFinite(cell) ? cell : null
        ),
        colorscale: stops,
        showscale: true,
        size: 8,
        colorbar: {
          title: { text: escapeLabel(color.label), side: 'right' },
          thickness: 10,
          outlinewidth: 0,
          tickfont: { color: theme.faint }
        }
      },
      ''
    )
  ];
}

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x'];

function text(cell: Cell): string {
  return cell === null || cell === undefined
    ? ''
    : typeof cell === 'number'
      ? formatNumber(cell)
      : cell;
}

function trace(
  rows: IScatterRows,
  kept: readonly number[],
  marker: object,
  name: string
): object {
  const value = (cell: Cell): number | string | null =>
    typeof cell === 'string' ? escapeLabel(cell) : (cell ?? null);
  const color = rows.color;
  return {
    type: 'scatter',
    mode: 'markers',
    name,
    x: kept.map(i => value(rows.x.cells[i])),
    y: kept.map(i => value(rows.y.cells[i])),
    customdata: kept.map(i => rows.names[i]),
    text: kept.map(
      i =>
        `${escapeLabel(rows.names[i])}<br>${escapeLabel(rows.x.label)}: ${escapeLabel(text(rows.x.cells[i]))}` +
        `<br>${escapeLabel(rows.y.label)}: ${escapeLabel(text(rows.y.cells[i]))}` +
        (color === null
          ? ''
          : `<br>${escapeLabel(color.label)}: ${escapeLabel(text(color.cells[i]))}`)
    ),
    hovertemplate: '%{text}<extra></extra>',
    marker
  };
}

function selectedTrace(
  rows: IScatterRows,
  kept: readonly number[],
  theme: IChartTheme
): object[] {
  const chosen = kept.filter(i => rows.selected.has(rows.names[i]));
  if (chosen.length === 0) {
    return [];
  }
  const ring = {
    ...trace(
      rows,
      chosen,
      {
        color: 'rgba(0,0,0,0)',
        size: 13,
        line: { color: theme.text, width: 2 }
      },
      ''
    ),
    showlegend: false
  };
  return [ring];
}

/** Positive numbers over more than three decades are read on a log scale, as in parallel coordinates. */
function spansDecades(cells: readonly Cell[]): boolean {
  let [min, max] = [Infinity, 0];
  for (const cell of cells) {
    if (typeof cell === 'string' || (typeof cell === 'number' && cell <= 0)) {
      return false;
    }
    if (typeof cell === 'number' && Number.isFinite(cell)) {
      min = Math.min(min, cell);
      max = Math.max(max, cell);
    }
  }
  return max / min > 1000;
}

function layoutOf(
  rows: IScatterRows,
  theme: IChartTheme,
  legend: boolean
): object {
  const axis = ({ label, cells }: IScatterColumn): object => ({
    ...(spansDecades(cells) ? { type: 'log', dtick: 1 } : {}),
    title: { text: escapeLabel(label), font: { size: 12 }, standoff: 8 },
    exponentformat: 'e',
    gridcolor: withAlpha(theme.grid, 0.7),
    zeroline: false,
    linecolor: theme.grid,
    automargin: true,
    tickfont: { color: theme.faint, size: theme.size }
  });
  return {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: theme.font, color: theme.text, size: theme.size },
    margin: { l: 48, r: 16, t: 12, b: 44 },
    xaxis: axis(rows.x),
    yaxis: axis(rows.y),
    showlegend: legend && rows.color !== null,
    legend: { orientation: 'h', y: 1.08 },
    hoverlabel: {
      bgcolor: theme.background,
      bordercolor: theme.grid,
      font: { color: theme.text, family: theme.font },
      align: 'left'
    },
    hovermode: 'closest',
    dragmode: 'zoom'
  };
}
