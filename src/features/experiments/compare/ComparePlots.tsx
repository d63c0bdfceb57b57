/** Stored plots held against each other: curves over each other, matrices and tables side by side. */
import * as React from 'react';

import { palette } from '../../../components/charts/palette';
import { Banner, UserText, useStudio } from '../../../components/common';
import { CurvePlot, StoredPlot } from '../../../components/plots/StoredPlot';
import { Swatch } from './Strip';
import { useStoredPlots } from './data';
import { groupPlots, type IPlotGroup } from './plots';

interface IComparePlotsProps {
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** The tab "Plots". */
export function ComparePlots(props: IComparePlotsProps): React.ReactElement {
  const { trans } = useStudio();
  const queries = useStoredPlots(props.names);
  const failed = queries.find(query => query.error !== null);
  const waiting = queries.some(query => query.isPending && !query.error);
  const found = queries.map(query => query.data);
  const groups = React.useMemo(
    () => groupPlots(found.map(plots => plots ?? [])),
    found
  );
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={failed?.error} />
      {waiting && <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>}
      {!waiting && groups.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__(
            'None of these trials stored a plot. log_roc_curve, log_precision_recall, log_confusion_matrix and log_table show here.'
          )}
        </p>
      )}
      {groups.map(group => (
        <Group key={group.key} group={group} {...props} />
      ))}
    </div>
  );
}

function Group(
  props: IComparePlotsProps & { readonly group: IPlotGroup }
): React.ReactElement {
  const { trans } = useStudio();
  const { group, names, labels } = props;
  const { what, found } = group;
  const curves = React.useMemo(
    () =>
      found.flatMap(({ at, plot }) =>
        plot.kind === 'curve'
          ? [
              {
                label: labels[at],
                slot: palette.styleOf(names[at]).slot - 1,
                curve: plot
              }
            ]
          : []
      ),
    [found, names.join('/'), labels.join('/')]
  );
  if (what === 'roc' || what === 'pr') {
    return (
      <div className="jp-Mlstudio-curvePlot">
        <React.Suspense
          fallback={
            <p className="jp-Mlstudio-note">{trans.__('Loading chart…')}</p>
          }
        >
          <CurvePlot title={group.title} what={what} curves={curves} />
        </React.Suspense>
      </div>
    );
  }
  return (
    <section aria-label={group.title}>
      <h3>
        <UserText text={group.title} max={120} />
      </h3>
      <div className="jp-Mlstudio-plot-columns">
        {found.map(({ at, plot }) => (
          <section key={names[at]} aria-label={labels[at]}>
            <h4>
              <Swatch name={names[at]} />
              <UserText text={labels[at]} max={60} />
            </h4>
            <StoredPlot
              plot={plot}
              what={what}
              name={trans.__('%1 of %2', group.title, labels[at])}
            />
          </section>
        ))}
      </div>
    </section>
  );
}
