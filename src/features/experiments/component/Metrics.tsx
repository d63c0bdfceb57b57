/** Metrics: a curve for each, live, those of the machine on the same axis; the summaries as a table. */
import * as React from 'react';

import type { ComponentRecord, SeriesSummary } from '../../../api/types';
import { UserText, formatNumber, useStudio } from '../../../components/common';
import { CurveGrid } from '../curves/CurveGrid';
import { curveGroups, seriesLabel } from '../curves/series';
import { Table } from './fields';

function Summaries(props: {
  readonly series: readonly SeriesSummary[];
}): React.ReactElement {
  const { trans } = useStudio();
  return (
    <Table
      label={trans.__('Metrics')}
      head={[
        trans.__('Metric'),
        trans.__('Last'),
        trans.__('Step'),
        trans.__('Minimum'),
        trans.__('Maximum'),
        trans.__('Mean'),
        trans.__('Std. deviation'),
        trans.__('Points')
      ]}
      numeric={[1, 2, 3, 4, 5, 6, 7]}
      rows={props.series.map(one => ({
        key: seriesLabel(one),
        cells: [
          <UserText text={seriesLabel(one)} max={120} />,
          formatNumber(one.last),
          formatNumber(one.last_step),
          formatNumber(one.min),
          formatNumber(one.max),
          formatNumber(one.avg),
          formatNumber(one.std_dev),
          formatNumber(one.count)
        ]
      }))}
    />
  );
}

/** The tab "Metrics". */
export function Metrics(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { trans } = useStudio();
  const series = props.component.metrics ?? [];
  const component = props.component.name;
  const { own, system } = curveGroups([{ component, metrics: series }]);
  if (series.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('No metrics were recorded.')}
      </p>
    );
  }
  return (
    <>
      {own.length + system.length > 0 && (
        <CurveGrid
          // What has system metrics from its second look on begins on the time axis too.
          key={system.length > 0 ? 'time' : 'step'}
          syncKey={component}
          parts={[
            { title: trans.__('Metrics'), groups: own },
            { title: trans.__('Machine'), groups: system, ownSteps: true }
          ]}
        />
      )}
      <Summaries series={series} />
    </>
  );
}
