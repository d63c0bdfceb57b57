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
import {
  CurveGrid,
  curveGroups,
  seriesLabel
} from '../../../components/curves';
import { MoreParts, PartsBar, useRested } from './PartsBar';
import { Table } from './fields';
import { MACHINE, totalOf, useSeries } from './parts';

function Summaries(props: {
  readonly series: readonly SeriesSummary[];
  readonly whole?: boolean;
}): React.ReactElement {
  const { trans } = useStudio();
  return (
    <Table
      whole={props.whole}
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

/** Curves, those of the machine apart, and below them the summaries. */
function Measured(props: {
  readonly component: string;
  readonly series: readonly SeriesSummary[];
  /** Metrics that are drawn though the table does not list them. */
  readonly machine?: readonly SeriesSummary[];
  readonly whole?: boolean;
}): React.ReactElement {
  const { trans } = useStudio();
  const { component, series, machine = [] } = props;
  const listed = new Set(series.map(seriesLabel));
  const metrics = [
    ...series,
    ...machine.filter(one => !listed.has(seriesLabel(one)))
  ];
  const { own, system } = curveGroups([{ component, metrics }]);
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
      {series.length > 0 && <Summaries series={series} whole={props.whole} />}
    </>
  );
}

/** More metrics than the component's record carries: by pages, and by a search. */
function ManyMetrics(props: {
  readonly component: string;
}): React.ReactElement {
  const { trans } = useStudio();
  const { component } = props;
  const [text, setText] = React.useState('');
  const wanted = useRested(text);
  const parts = useSeries(component, wanted, true);
  const machine = useSeries(component, MACHINE, wanted === '');
  return (
    <>
      <PartsBar
        label={trans.__('Filter metrics by name')}
        text={text}
        onText={setText}
        parts={parts}
      />
      <Measured
        component={component}
        series={parts.items}
        machine={wanted === '' ? machine.items : []}
        whole
      />
      <MoreParts parts={parts} />
    </>
  );
}

/** The tab "Metrics". */
export function Metrics(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { trans } = useStudio();
  const series = props.component.metrics ?? [];
  const { name } = props.component;
  if (totalOf(props.component, 'metrics', series.length) > series.length) {
    return <ManyMetrics key={name} component={name} />;
  }
  if (series.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('No metrics were recorded.')}
      </p>
    );
  }
  return <Measured component={name} series={series} />;
}
