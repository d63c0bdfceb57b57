/** A scatter of rows as plotly's data and layout. Pure: rows in, plain objects out. */
import type { Cell } from '../table/values';
import {
  axisOf,
  cellText,
  colorBar,
  colorScale,
  escapeLabel,
  isNumber,
  layoutOf,
  LOG_AXIS,
  rowsByText,
  spansDecades,
  type IFigure,
  type IFigureColumn
} from './figureParts';
import { fitLine } from './stats';
import { withAlpha, type IChartTheme } from './theme';

export interface IScatterRows {
  readonly names: readonly string[];
  readonly x: IFigureColumn;
  readonly y: IFigureColumn;
  readonly color: IFigureColumn | null;
  readonly size?: IFigureColumn | null;
  readonly selected: ReadonlySet<string>;
  /** null: where the values span decades. */
  readonly logX?: boolean | null;
  readonly logY?: boolean | null;
  /** Whether the line of least squares is drawn. */
  readonly trend?: boolean;
}

/** SVG markers beyond this make every pan slow. */
const MOST = 5000;
const SIZES: readonly [number, number] = [5, 22];
const SIZE = 8;

const drawable = (cell: Cell): boolean =>
  typeof cell === 'string' || isNumber(cell);

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
  const sizes = sizesOf(rows.size ?? null, kept);
  const [logX, logY] = logsOf(rows);
  const points = tracesOf(rows, kept, sizes, theme);
  const data = [
    ...points,
    ...(rows.trend === true ? trendOf(rows, both, logX, logY, theme) : []),
    ...selectedTrace(rows, kept, sizes, theme)
  ];
  return {
    data,
    layout: layoutOf(
      theme,
      {
        xaxis: axisOf(rows.x.label, theme, logX ? LOG_AXIS : {}),
        yaxis: axisOf(rows.y.label, theme, logY ? LOG_AXIS : {})
      },
      { showlegend: points.length > 1 }
    ),
    shown: kept.length,
    skipped: both.length - kept.length
  };
}

function logsOf(rows: IScatterRows): [boolean, boolean] {
  return [
    rows.logX ?? spansDecades(rows.x.cells),
    rows.logY ?? spansDecades(rows.y.cells)
  ];
}

/** Diameters by the third column: its values in pixels of area. */
function sizesOf(
  size: IFigureColumn | null,
  kept: readonly number[]
): ReadonlyMap<number, number> | null {
  if (size === null) {
    return null;
  }
  const values = kept.flatMap(i => {
    const cell = size.cells[i];
    return isNumber(cell) ? [cell] : [];
  });
  const min = values.reduce((a, b) => Math.min(a, b), Infinity);
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [low, high] = SIZES;
  return new Map(
    kept.map(i => {
      const cell = size.cells[i];
      const share =
        isNumber(cell) && max > min ? (cell - min) / (max - min) : 0.3;
      const area = low ** 2 + share * (high ** 2 - low ** 2);
      return [i, isNumber(cell) ? Math.sqrt(area) : low];
    })
  );
}

type Sizes = ReadonlyMap<number, number> | null;

const sizeFor = (
  sizes: Sizes,
  kept: readonly number[],
  more = 0
): number | number[] =>
  sizes === null ? SIZE + more : kept.map(i => (sizes.get(i) ?? SIZE) + more);

function tracesOf(
  rows: IScatterRows,
  kept: readonly number[],
  sizes: Sizes,
  theme: IChartTheme
): object[] {
  const { color } = rows;
  if (color === null) {
    const look = { color: withAlpha(theme.brand, 0.75) };
    return [trace(rows, kept, { ...look, size: sizeFor(sizes, kept) }, '')];
  }
  const cells = kept.map(i => color.cells[i]);
  if (cells.some(cell => typeof cell === 'string')) {
    const none = cells.flatMap((cell, i) => (cellText(cell) === '' ? [i] : []));
    const groups = rowsByText(cells);
    if (none.length > 0) {
      groups.push(['n/a', none]);
    }
    return groups.map(([value, places], n) => {
      const own = places.map(place => kept[place]);
      const look = {
        color: theme.series[n % theme.series.length],
        symbol: SYMBOLS[n % SYMBOLS.length],
        size: sizeFor(sizes, own)
      };
      return trace(rows, own, look, escapeLabel(value, 40));
    });
  }
  const look = {
    color: cells.map(cell => (isNumber(cell) ? cell : null)),
    colorscale: colorScale(theme),
    showscale: true,
    size: sizeFor(sizes, kept),
    colorbar: colorBar(color.label, theme)
  };
  return [trace(rows, kept, look, '')];
}

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x'];

const value = (cell: Cell): number | string | null =>
  typeof cell === 'string' ? escapeLabel(cell) : (cell ?? null);

function trace(
  rows: IScatterRows,
  kept: readonly number[],
  marker: object,
  name: string
): object {
  const told = [rows.x, rows.y, rows.color, rows.size ?? null].filter(
    (column): column is IFigureColumn => column !== null
  );
  return {
    type: 'scatter',
    mode: 'markers',
    name,
    x: kept.map(i => value(rows.x.cells[i])),
    y: kept.map(i => value(rows.y.cells[i])),
    customdata: kept.map(i => rows.names[i]),
    text: kept.map(i =>
      [
        escapeLabel(rows.names[i]),
        ...told.map(
          ({ label, cells }) =>
            `${escapeLabel(label)}: ${escapeLabel(cellText(cells[i]))}`
        )
      ].join('<br>')
    ),
    hovertemplate: '%{text}<extra></extra>',
    marker
  };
}

/** The line of least squares, on the axes as they are drawn. */
function trendOf(
  rows: IScatterRows,
  both: readonly number[],
  logX: boolean,
  logY: boolean,
  theme: IChartTheme
): object[] {
  const seen = (cell: Cell, log: boolean): number =>
    isNumber(cell) ? (log ? Math.log10(cell) : cell) : NaN;
  const points = both
    .map(i => [seen(rows.x.cells[i], logX), seen(rows.y.cells[i], logY)])
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const xs = points.map(([x]) => x);
  const line = fitLine(
    xs,
    points.map(([, y]) => y)
  );
  if (line === null) {
    return [];
  }
  const ends = xs.reduce(
    ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
    [Infinity, -Infinity]
  );
  const at = (v: number, log: boolean): number => (log ? 10 ** v : v);
  return [
    {
      type: 'scatter',
      mode: 'lines',
      x: ends.map(x => at(x, logX)),
      y: ends.map(x => at(line.start + line.slope * x, logY)),
      line: { color: theme.faint, width: 1.5, dash: 'dash' },
      hovertemplate: `R² ${line.r2.toFixed(3)}<extra></extra>`,
      showlegend: false
    }
  ];
}

function selectedTrace(
  rows: IScatterRows,
  kept: readonly number[],
  sizes: Sizes,
  theme: IChartTheme
): object[] {
  const chosen = kept.filter(i => rows.selected.has(rows.names[i]));
  if (chosen.length === 0) {
    return [];
  }
  const ring = {
    color: 'rgba(0,0,0,0)',
    size: sizeFor(sizes, chosen, 5),
    line: { color: theme.text, width: 2 }
  };
  return [{ ...trace(rows, chosen, ring, ''), showlegend: false }];
}
