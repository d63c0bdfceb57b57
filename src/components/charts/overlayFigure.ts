/** ROC and precision-recall curves of several runs over each other. Pure. */
import { axisOf, escapeLabel, layoutOf, type IFigure } from './figureParts';
import type { IChartTheme } from './theme';

export interface IOverlayCurve {
  readonly label: string;
  readonly color: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Area under the curve, or average precision. */
  readonly score: number | null;
  readonly noSkill: number | null;
}

export function overlayFigure(
  curves: readonly IOverlayCurve[],
  roc: boolean,
  theme: IChartTheme
): IFigure {
  const guess = roc
    ? [{ x: [0, 1], y: [0, 1] }]
    : [...new Set(curves.flatMap(c => c.noSkill ?? []))].map(y => ({
        x: [0, 1],
        y: [y, y]
      }));
  const dull = {
    type: 'scatter',
    mode: 'lines',
    line: { color: theme.faint, width: 1, dash: 'dot' },
    hoverinfo: 'skip',
    showlegend: false
  };
  const lines = curves.map(curve => {
    const score = curve.score === null ? '' : ` ${curve.score.toFixed(3)}`;
    return {
      type: 'scatter',
      mode: 'lines',
      name: `${escapeLabel(curve.label, 40)}${score}`,
      x: curve.x,
      y: curve.y,
      line: { color: curve.color, width: 2, shape: 'linear' }
    };
  });
  const unit = { range: [-0.02, 1.02], constrain: 'domain' };
  const [x, y] = roc
    ? ['False positive rate', 'True positive rate']
    : ['Recall', 'Precision'];
  return {
    data: [...guess.map(line => ({ ...dull, ...line })), ...lines],
    layout: layoutOf(
      theme,
      { xaxis: axisOf(x, theme, unit), yaxis: axisOf(y, theme, unit) },
      { showlegend: true }
    ),
    shown: curves.length,
    skipped: 0
  };
}
