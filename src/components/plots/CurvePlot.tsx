/** ROC or precision-recall curves over each other, with the area under each. */
import * as React from 'react';

import { useStudio } from '../common';
import { overlayFigure, PlotlyChart, useChartTheme } from '../charts';
import type { IStoredCurve } from './stored';

/** One curve and whose it is. */
export interface INamedCurve {
  readonly label: string;
  /** Of the theme's series, from 0. */
  readonly slot: number;
  readonly curve: IStoredCurve;
}

interface ICurvePlotProps {
  readonly title: string;
  readonly what: 'roc' | 'pr';
  readonly curves: readonly INamedCurve[];
}

/** The figure; its values are in its table and its CSV file. */
export default function CurvePlot(props: ICurvePlotProps): React.ReactElement {
  const { trans } = useStudio();
  const { curves, title } = props;
  const roc = props.what === 'roc';
  const theme = useChartTheme();
  const score = roc ? trans.__('AUC') : trans.__('AP');
  const figure = React.useMemo(
    () =>
      overlayFigure(
        curves.map(({ label, slot, curve }) => ({
          ...curve,
          label: curve.score === null ? label : `${label} · ${score}`,
          color: theme.series[slot]
        })),
        roc,
        theme
      ),
    [curves, theme, roc, score]
  );
  const [x, y] = roc
    ? [trans.__('False positive rate'), trans.__('True positive rate')]
    : [trans.__('Recall'), trans.__('Precision')];
  const scores = curves
    .filter(({ curve }) => curve.score !== null)
    .map(({ label, curve }) => `${label} ${curve.score?.toFixed(3)}`)
    .join(', ');
  return (
    <PlotlyChart
      title={title}
      summary={trans.__('%1: %2 over %3; %4 %5', title, y, x, score, scores)}
      figure={figure}
      height={340}
      visible
      trans={trans}
      empty=""
      hint={
        roc
          ? trans.__('AUC: area under the curve. The dotted line is guessing.')
          : trans.__('AP: average precision. The dotted line is guessing.')
      }
      values={() => [
        [trans.__('Run'), x, y],
        ...curves.flatMap(({ label, curve }) =>
          curve.x.map((v, i) => [label, String(v), String(curve.y[i])])
        )
      ]}
    />
  );
}
