/**
 * A metric over two parameters, from scattered points. Pure.
 *
 * The plane is a grid of 40 × 40 cells over the span of the points (of their logarithms on a log
 * axis). A cell's value is the mean of all points, each weighted by 1 / (distance⁴ + small), with
 * distances in shares of the span (Shepard's method). Cells farther than a quarter of the span from
 * every point stay empty: there is nothing to say about them. The points are drawn on top.
 */
import {
  axisOf,
  cellText,
  colorBar,
  colorScale,
  escapeLabel,
  isNumber,
  layoutOf,
  LOG_AXIS,
  spansDecades,
  type IFigure,
  type IFigureColumn
} from './figureParts';
import { withAlpha, type IChartTheme } from './theme';

export const CELLS = 40;
const REACH = 0.25;
const SOFT = 1e-7;
/** Points that are weighed; of more, an even share. */
const MOST = 2000;

export interface IContourRows {
  readonly names: readonly string[];
  readonly x: IFigureColumn;
  readonly y: IFigureColumn;
  readonly z: IFigureColumn;
}

interface IPoint {
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

interface ISpan {
  readonly min: number;
  readonly size: number;
  readonly log: boolean;
}

const at = (span: ISpan, share: number): number => {
  const value = span.min + share * span.size;
  return span.log ? 10 ** value : value;
};

const shareOf = (span: ISpan, value: number): number =>
  ((span.log ? Math.log10(value) : value) - span.min) / span.size;

function spanOf(values: readonly number[], log: boolean): ISpan {
  const seen = log ? values.map(Math.log10) : values;
  const min = seen.reduce((a, b) => Math.min(a, b), Infinity);
  const max = seen.reduce((a, b) => Math.max(a, b), -Infinity);
  return { min, size: max > min ? max - min : 1, log };
}

export function contourFigure(rows: IContourRows, theme: IChartTheme): IFigure {
  const { x, y, z } = rows;
  const all = rows.names.flatMap((_, row): IPoint[] => {
    const [a, b, c] = [x.cells[row], y.cells[row], z.cells[row]];
    return isNumber(a) && isNumber(b) && isNumber(c)
      ? [{ row, x: a, y: b, z: c }]
      : [];
  });
  const every = Math.max(1, Math.ceil(all.length / MOST));
  const points = all.filter((_, i) => i % every === 0);
  const logX = spansDecades(x.cells);
  const logY = spansDecades(y.cells);
  const xs = spanOf(
    points.map(p => p.x),
    logX
  );
  const ys = spanOf(
    points.map(p => p.y),
    logY
  );
  return {
    data: points.length < 3 ? [] : traces(rows, points, xs, ys, theme),
    layout: layoutOf(theme, {
      xaxis: axisOf(x.label, theme, logX ? LOG_AXIS : {}),
      yaxis: axisOf(y.label, theme, logY ? LOG_AXIS : {})
    }),
    shown: points.length < 3 ? 0 : points.length,
    skipped: all.length - points.length
  };
}

function traces(
  rows: IContourRows,
  points: readonly IPoint[],
  xs: ISpan,
  ys: ISpan,
  theme: IChartTheme
): object[] {
  const share = (i: number): number => i / (CELLS - 1);
  const steps = Array.from({ length: CELLS }, (_, i) => share(i));
  const scale = colorScale(theme);
  const surface = {
    type: 'contour',
    x: steps.map(s => at(xs, s)),
    y: steps.map(s => at(ys, s)),
    z: gridOf(points, xs, ys),
    colorscale: scale,
    colorbar: colorBar(rows.z.label, theme),
    contours: { coloring: 'heatmap' },
    line: { width: 0.5, color: withAlpha(theme.background, 0.6) },
    connectgaps: false,
    hoverinfo: 'skip'
  };
  const dots = {
    type: 'scatter',
    mode: 'markers',
    x: points.map(p => p.x),
    y: points.map(p => p.y),
    customdata: points.map(p => rows.names[p.row]),
    text: points.map(
      p =>
        `${escapeLabel(rows.names[p.row])}<br>` +
        `${escapeLabel(rows.z.label)}: ${cellText(p.z)}`
    ),
    hovertemplate: '%{text}<extra></extra>',
    marker: {
      size: 6,
      color: points.map(p => p.z),
      colorscale: scale,
      showscale: false,
      line: { color: theme.background, width: 1 }
    }
  };
  return [surface, dots];
}

/** Values of the grid, row by row from the lowest y; null where no point is near. */
export function gridOf(
  points: readonly { x: number; y: number; z: number }[],
  xs: ISpan,
  ys: ISpan
): (number | null)[][] {
  const px = Float64Array.from(points, p => shareOf(xs, p.x));
  const py = Float64Array.from(points, p => shareOf(ys, p.y));
  return Array.from({ length: CELLS }, (_, j) =>
    Array.from({ length: CELLS }, (__, i) => {
      let [weights, sum, nearest] = [0, 0, Infinity];
      for (let k = 0; k < px.length; k++) {
        const d2 =
          (px[k] - i / (CELLS - 1)) ** 2 + (py[k] - j / (CELLS - 1)) ** 2;
        const weight = 1 / (d2 * d2 + SOFT);
        weights += weight;
        sum += weight * points[k].z;
        nearest = Math.min(nearest, d2);
      }
      return nearest <= REACH * REACH ? sum / weights : null;
    })
  );
}
