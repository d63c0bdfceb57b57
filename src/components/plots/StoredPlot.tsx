/** One stored plot, drawn: a curve, a matrix or a table. */
import * as React from 'react';

import { useStudio } from '../common';
import { PlainTable } from '../preview/PlainTable';
import { ConfusionTable } from './ConfusionTable';
import type { IStored, PlotKind } from './stored';

/** With the charts' code, which nobody loads who looks at tables alone. */
export const CurvePlot = React.lazy(
  async () => import(/* webpackChunkName: "mlstudio-curveplot" */ './CurvePlot')
);

interface IStoredPlotProps {
  readonly plot: IStored;
  readonly what: PlotKind;
  readonly name: string;
}

export function StoredPlot(props: IStoredPlotProps): React.ReactElement {
  const { trans } = useStudio();
  const { plot, what, name } = props;
  const title = plot.title || name;
  const curves = React.useMemo(
    () =>
      plot.kind === 'curve' ? [{ label: title, slot: 0, curve: plot }] : [],
    [plot, title]
  );
  switch (plot.kind) {
    case 'curve':
      return (
        <div className="jp-Mlstudio-curvePlot">
          <React.Suspense
            fallback={
              <p className="jp-Mlstudio-note">{trans.__('Loading chart…')}</p>
            }
          >
            <CurvePlot
              title={title}
              what={what === 'roc' ? 'roc' : 'pr'}
              curves={curves}
            />
          </React.Suspense>
        </div>
      );
    case 'matrix':
      return (
        <ConfusionTable
          matrix={plot}
          label={trans.__('Confusion matrix of %1', name)}
        />
      );
    case 'table':
      return (
        <PlainTable
          label={trans.__('Rows of %1', name)}
          columns={plot.columns}
          types={plot.types}
          rows={plot.rows}
          total={plot.total}
        />
      );
  }
}
