/** Metrics: a curve for each, live, those of the machine on the same axis; the summaries as a table. */
import * as React from 'react';

import type { ComponentRecord, SeriesSummary } from '../../../api/types';
import {
  UserText,
  formatMeasure,
  formatNumber,
  measureOf,
  useStudio
} from '../../../components/common';
import { toNumber } from '../../../api/decode';
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
      rows={props.series.map(one => {
        const measure = measureOf(one.name, trans);
        const text = (value: typeof one.last | null | undefined): string =>
          measure === null || value === null || value === undefined
            ? formatNumber(value)
            : formatMeasure(toNumber(value), measure.unit);
        return {
          key: seriesLabel(one),
          cells: [
            <span title={seriesLabel(one)}>
              <UserText text={measure?.label ?? seriesLabel(one)} max={120} />
            </span>,
            text(one.last),
            formatNumber(one.last_step),
            text(one.min),
            text(one.max),
            text(one.avg),
            text(one.std_dev),
            formatNumber(one.count)
          ]
        };
      })}
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
