/** Metrics: a curve for each, live, above the summaries as a table. */
import * as React from 'react';

import type { ComponentRecord, SeriesSummary } from '../../../api/types';
import { UserText, formatNumber, useStudio } from '../../../components/common';
import { Table } from './fields';

/** Curves drawn before "show all" is asked for. */
const FIRST = 8;

const LineChart = React.lazy(async () => ({
  default: (await import('../../../components/charts')).LineChart
}));

/** A metric with its context, as text: `loss {"rank":1}`. */
export function seriesLabel(
  series: Pick<SeriesSummary, 'name' | 'context'>
): string {
  const context = series.context ?? {};
  return Object.keys(context).length === 0
    ? series.name
    : `${series.name} ${JSON.stringify(context)}`;
}

/** Series by metric name, in the order given; a single point is no curve. */
export function curvesOf(
  series: readonly SeriesSummary[]
): Map<string, SeriesSummary[]> {
  const curves = new Map<string, SeriesSummary[]>();
  for (const one of series) {
    if (one.count > 1) {
      curves.set(one.name, [...(curves.get(one.name) ?? []), one]);
    }
  }
  return curves;
}

type XKind = 'step' | 'time' | 'relative';

interface ICurvesProps {
  readonly component: string;
  readonly curves: ReadonlyMap<string, readonly SeriesSummary[]>;
}

function Curves(props: ICurvesProps): React.ReactElement {
  const { trans } = useStudio();
  const [x, setX] = React.useState<XKind>('step');
  const [log, setLog] = React.useState(false);
  const [smooth, setSmooth] = React.useState(0);
  const [all, setAll] = React.useState(false);
  const names = [...props.curves.keys()];
  const shown = all ? names : names.slice(0, FIRST);
  return (
    <>
      <div className="jp-Mlstudio-chartbar">
        <label>
          {trans.__('x')}{' '}
          <select
            value={x}
            onChange={event => setX(event.target.value as XKind)}
          >
            <option value="step">{trans.__('step')}</option>
            <option value="relative">{trans.__('since start')}</option>
            <option value="time">{trans.__('time')}</option>
          </select>
        </label>
        <label>
          {trans.__('smoothing')}{' '}
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={smooth}
            onChange={event => setSmooth(Number(event.target.value))}
          />
        </label>
        <label className="jp-Mlstudio-check">
          <input
            type="checkbox"
            checked={log}
            onChange={event => setLog(event.target.checked)}
          />
          {trans.__('log scale')}
        </label>
      </div>
      <div className="jp-Mlstudio-curves">
        <React.Suspense
          fallback={
            <p className="jp-Mlstudio-note">{trans.__('Loading charts…')}</p>
          }
        >
          {shown.map(name => (
            <LineChart
              key={name}
              title={name}
              series={(props.curves.get(name) ?? []).map(one => ({
                component: props.component,
                name,
                context: one.context,
                label: seriesLabel(one)
              }))}
              x={x}
              log={log}
              smooth={smooth}
              syncKey={props.component}
            />
          ))}
        </React.Suspense>
      </div>
      {shown.length < names.length && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 curves', names.length)}
        </button>
      )}
    </>
  );
}

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
  const curves = curvesOf(series);
  if (series.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('No metrics were recorded.')}
      </p>
    );
  }
  return (
    <>
      {curves.size > 0 && (
        <Curves component={props.component.name} curves={curves} />
      )}
      <Summaries series={series} />
    </>
  );
}
