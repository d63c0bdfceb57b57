/** Matrices as heat maps: correlations and confusions; and importances as bars. Pure. */
import { axisOf, escapeLabel, layoutOf, type IFigure } from './figureParts';
import { scaleColor } from './palette';
import { withAlpha, type IChartTheme } from './theme';

/** Numbers are written into cells of matrices up to this size. */
const WRITTEN = 14;

export interface IMatrix {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Labels that may be alike are told apart by their place. */
const places = (labels: readonly string[]): object => ({
  tickmode: 'array',
  tickvals: labels.map((_, i) => i),
  ticktext: labels.map(label => escapeLabel(label, 22)),
  showgrid: false
});

/** −1 to 1: one hue for what falls together, another for what goes apart, the page between. */
export function correlationFigure(
  matrix: IMatrix,
  theme: IChartTheme
): IFigure {
  const cold = theme.series[0];
  const warm = theme.series[1];
  const scale = [
    [0, warm],
    [0.5, theme.background],
    [1, cold]
  ];
  return heat(matrix, theme, {
    colorscale: scale,
    zmin: -1,
    zmax: 1,
    digits: 2
  });
}

/** Counts; the colour of a cell is its share of its row. */
export function confusionFigure(matrix: IMatrix, theme: IChartTheme): IFigure {
  const shares = matrix.values.map(row => {
    const total = row.reduce<number>((n, v) => n + (v ?? 0), 0);
    return row.map(v => (total > 0 ? (v ?? 0) / total : 0));
  });
  const scale = [
    [0, theme.background],
    [1, scaleColor(theme.dark ? 0.75 : 0.35, theme.dark)]
  ];
  const look = { colorscale: scale, zmin: 0, zmax: 1, digits: 0 };
  return heat(matrix, theme, look, shares);
}

function heat(
  matrix: IMatrix,
  theme: IChartTheme,
  look: {
    colorscale: unknown;
    zmin: number;
    zmax: number;
    digits: number;
  },
  colors = matrix.values
): IFigure {
  const { rows, columns, values } = matrix;
  const written = Math.max(rows.length, columns.length) <= WRITTEN;
  const textOf = (value: number | null): string =>
    value === null ? '' : value.toFixed(look.digits);
  const data = {
    type: 'heatmap',
    x: columns.map((_, i) => i),
    y: rows.map((_, i) => i),
    z: colors,
    zmin: look.zmin,
    zmax: look.zmax,
    colorscale: look.colorscale,
    showscale: !written,
    colorbar: { thickness: 10, outlinewidth: 0 },
    xgap: 1,
    ygap: 1,
    text: values.map(row => row.map(textOf)),
    texttemplate: written ? '%{text}' : '',
    textfont: { size: 10 },
    hovertext: values.map((row, j) =>
      row.map(
        (value, i) =>
          `${escapeLabel(rows[j])}<br>${escapeLabel(columns[i])}<br>${value === null ? 'n/a' : textOf(value)}`
      )
    ),
    hovertemplate: '%{hovertext}<extra></extra>'
  };
  return {
    data: [data],
    layout: layoutOf(theme, {
      xaxis: axisOf('', theme, {
        ...places(columns),
        tickangle: columns.length > 4 ? -40 : 0
      }),
      yaxis: axisOf('', theme, { ...places(rows), autorange: 'reversed' })
    }),
    shown: rows.length,
    skipped: 0
  };
}

export interface IImportanceBar {
  readonly param: string;
  /** Share of the explained spread, 0 to 1. */
  readonly importance: number;
  /** Spearman's, or null for categories. */
  readonly correlation: number | null;
}

/** Most important on top; the sign of the correlation stands beside the bar. */
export function importanceFigure(
  bars: readonly IImportanceBar[],
  theme: IChartTheme
): IFigure {
  const shown = bars.slice(0, 20);
  const data = {
    type: 'bar',
    orientation: 'h',
    x: shown.map(b => b.importance),
    y: shown.map((_, i) => i),
    text: shown.map(({ importance, correlation }) =>
      correlation === null
        ? `${(importance * 100).toFixed(0)} %`
        : `${(importance * 100).toFixed(0)} %  ρ ${correlation.toFixed(2)}`
    ),
    textposition: 'outside',
    cliponaxis: false,
    textfont: { color: theme.text },
    marker: {
      color: shown.map(b =>
        withAlpha(
          (b.correlation ?? 0) < 0 ? theme.series[1] : theme.series[0],
          0.75
        )
      )
    },
    hoverinfo: 'skip'
  };
  const most = shown.reduce((n, b) => Math.max(n, b.importance), 0);
  return {
    data: [data],
    layout: layoutOf(theme, {
      xaxis: axisOf('', theme, {
        tickformat: '.0%',
        range: [0, Math.max(0.05, most * 1.3)],
        zeroline: true
      }),
      yaxis: axisOf('', theme, {
        ...places(shown.map(b => b.param)),
        autorange: 'reversed'
      })
    }),
    shown: shown.length,
    skipped: bars.length - shown.length
  };
}
