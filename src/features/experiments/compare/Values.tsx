/** Properties side by side: parameters, metrics, tags, inputs and outputs, where and when it ran. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { SeriesSummary } from '../../../api/types';
import {
  Banner,
  UserText,
  formatMeasure,
  formatNumber,
  measureOf,
  useStudio
} from '../../../components/common';
import type { Unit } from '../../../components/common';
import { Grid, Group } from './Grid';
import { useFoundRows } from './found';
import { rowLabel, valueText } from './words';
import {
  STATS,
  bestOf,
  changeOf,
  guessDirection,
  isJudged,
  isOther,
  metricRows
} from './model';
import type {
  CompareReply,
  CompareRow,
  Direction,
  IMetricRow,
  Stat,
  Value
} from './model';

/** Rows of a group that are drawn before "show all" is asked for. */
const FIRST = 200;
type RowGroup = CompareRow['group'];

/** What the group of rows is called. */
function titleOf(group: RowGroup, trans: TranslationBundle): string {
  const titles: Record<RowGroup, string> = {
    params: trans.__('Parameters'),
    metrics: trans.__('Metrics'),
    tags: trans.__('Tags'),
    inputs: trans.__('Inputs'),
    outputs: trans.__('Outputs'),
    meta: trans.__('Run'),
    packages: trans.__('Packages'),
    environment: trans.__('Environment'),
    code: trans.__('Code')
  };
  return titles[group];
}

function Differs(): React.ReactElement {
  const { trans } = useStudio();
  return (
    <span
      className="jp-Mlstudio-differs"
      role="img"
      aria-label={trans.__('differs')}
      title={trans.__('differs')}
    >
      ≠
    </span>
  );
}

const Row = React.memo((props: { readonly row: CompareRow }) => {
  const { trans } = useStudio();
  const { row } = props;
  return (
    <tr data-differs={row.differs}>
      <th scope="row" title={row.key.slice(0, 500)}>
        <UserText text={rowLabel(row, trans)} max={120} />
        {row.differs && <Differs />}
      </th>
      {row.values.map((value, i) => (
        <td
          key={i}
          className={typeof value === 'number' ? 'jp-mod-number' : undefined}
          data-other={isOther(row.values, i)}
          title={value === null ? undefined : String(value).slice(0, 500)}
        >
          {value === null ? (
            <span className="jp-Mlstudio-none">–</span>
          ) : (
            <UserText text={valueText(row, value, trans)} max={200} />
          )}
        </td>
      ))}
    </tr>
  );
});
Row.displayName = 'Row';

interface IRowsProps {
  readonly group: RowGroup;
  readonly rows: readonly CompareRow[];
  readonly span: number;
}

/** The rows of one group. */
export function Rows(props: IRowsProps): React.ReactElement | null {
  const { trans } = useStudio();
  const [all, setAll] = React.useState(false);
  const { group, rows, span } = props;
  if (rows.length === 0) {
    return null;
  }
  return (
    <Group title={titleOf(group, trans)} span={span}>
      {(all ? rows : rows.slice(0, FIRST)).map(row => (
        <Row key={row.key} row={row} />
      ))}
      {!all && rows.length > FIRST && (
        <tr>
          <td colSpan={span}>
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() => setAll(true)}
            >
              {trans.__('Show all %1', formatNumber(rows.length))}
            </button>
          </td>
        </tr>
      )}
    </Group>
  );
}

function Cell(props: {
  readonly value: Value;
  readonly base: Value;
  readonly best: boolean;
  readonly unit: Unit | undefined;
}): React.ReactElement {
  const { trans } = useStudio();
  const { value, best, unit } = props;
  const change = changeOf(value, props.base);
  return (
    <td
      className="jp-mod-number"
      data-best={best}
      title={value === null ? undefined : String(value)}
    >
      {best && (
        <span
          className="jp-Mlstudio-best"
          title={trans.__('the best of these')}
        >
          {trans.__('best')}
        </span>
      )}
      {unit !== undefined && typeof value === 'number'
        ? formatMeasure(value, unit)
        : formatNumber(value as number | string | null)}
      {change !== null && (
        <span className="jp-Mlstudio-change">
          {change > 0 ? '+' : '−'}
          {formatNumber(Number((100 * Math.abs(change)).toPrecision(3)))} %
        </span>
      )}
    </td>
  );
}

interface IMetricsProps {
  readonly rows: readonly IMetricRow[];
  readonly span: number;
  readonly directions: Readonly<Record<string, Direction>>;
  readonly onDirection: (metric: string, direction: Direction) => void;
}

function Metric(
  props: Omit<IMetricsProps, 'rows' | 'span'> & { readonly row: IMetricRow }
): React.ReactElement {
  const { trans } = useStudio();
  const { row } = props;
  const measure = measureOf(row.name, trans);
  const direction = props.directions[row.name] ?? guessDirection(row.name);
  const names: Record<Stat, string> = {
    last: trans.__('last'),
    min: trans.__('minimum'),
    max: trans.__('maximum')
  };
  return (
    <>
      {STATS.filter(stat => row.stats[stat]).map((stat, i) => {
        const values = row.stats[stat] ?? [];
        const best = isJudged(stat, direction)
          ? bestOf(values, direction)
          : new Set<number>();
        return (
          <tr key={stat} data-differs={row.differs} data-first={i === 0}>
            <th scope="row">
              {i === 0 && (
                <span className="jp-Mlstudio-metric-name" title={row.name}>
                  <UserText text={measure?.label ?? row.name} max={120} />
                  {row.differs && <Differs />}
                  <select
                    aria-label={trans.__('Which %1 is better', row.name)}
                    value={direction}
                    onChange={event =>
                      props.onDirection(
                        row.name,
                        event.target.value as Direction
                      )
                    }
                  >
                    <option value="min">{trans.__('lower is better')}</option>
                    <option value="max">{trans.__('higher is better')}</option>
                    <option value="none">{trans.__('no best')}</option>
                  </select>
                </span>
              )}
              <span className="jp-Mlstudio-stat">{names[stat]}</span>
            </th>
            {values.map((value, j) => (
              <Cell
                key={j}
                value={value}
                base={j === 0 ? null : values[0]}
                best={best.has(j)}
                unit={measure?.unit}
              />
            ))}
          </tr>
        );
      })}
    </>
  );
}

function Metrics(props: IMetricsProps): React.ReactElement | null {
  const { trans } = useStudio();
  const [all, setAll] = React.useState(false);
  const { rows, span, ...rest } = props;
  if (rows.length === 0) {
    return null;
  }
  const limit = FIRST / 2;
  return (
    <Group title={titleOf('metrics', trans)} span={span}>
      {(all ? rows : rows.slice(0, limit)).map(row => (
        <Metric key={row.name} row={row} {...rest} />
      ))}
      {!all && rows.length > limit && (
        <tr>
          <td colSpan={span}>
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() => setAll(true)}
            >
              {trans.__('Show all %1', formatNumber(rows.length))}
            </button>
          </td>
        </tr>
      )}
    </Group>
  );
}

interface IValuesProps extends Pick<
  IMetricsProps,
  'directions' | 'onDirection'
> {
  readonly reply: CompareReply;
  /** Summaries of the metrics, in the order of the reply's components. */
  readonly measured: readonly (readonly SeriesSummary[])[];
  readonly groups: readonly RowGroup[];
  readonly differences: boolean;
  readonly onDifferences: (only: boolean) => void;
}

/** The table of these groups, with "differences only" and a filter by name. */
export function Values(props: IValuesProps): React.ReactElement {
  const { trans } = useStudio();
  const [filter, setFilter] = React.useState('');
  const { reply, differences } = props;
  const { rows, total, more } = useFoundRows(props, filter);
  const shown = differences ? rows.filter(row => row.differs) : rows;
  const span = reply.components.length + 1;
  const metrics = metricRows(rows, props.measured).filter(
    row => row.differs || !differences
  );
  return (
    <>
      <div className="jp-Mlstudio-chartbar">
        <label className="jp-Mlstudio-check">
          <input
            type="checkbox"
            checked={differences}
            onChange={event => props.onDifferences(event.target.checked)}
          />
          {trans.__('differences only')}
        </label>
        <input
          type="search"
          className="jp-Mlstudio-filter jp-Mlstudio-compare-filter"
          aria-label={trans.__('Filter properties by name')}
          placeholder={trans.__('Filter by name')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
        <span className="jp-Mlstudio-why" role="status">
          {trans.__(
            '%1 of %2 differ',
            formatNumber(total.differ),
            formatNumber(total.rows)
          )}
        </span>
      </div>
      {more && <Banner error={more.error} retry={more.load} />}
      {shown.length === 0 ? (
        <p className="jp-Mlstudio-note">
          {total.rows === 0
            ? trans.__('Nothing of this was recorded.')
            : trans.__('They are all alike.')}
        </p>
      ) : (
        <Grid
          label={trans.__('Properties side by side')}
          names={reply.components}
          labels={reply.labels}
        >
          {props.groups.map(group =>
            group === 'metrics' ? (
              <Metrics
                key={group}
                rows={metrics}
                span={span}
                directions={props.directions}
                onDirection={props.onDirection}
              />
            ) : (
              <Rows
                key={group}
                group={group}
                rows={shown.filter(row => row.group === group)}
                span={span}
              />
            )
          )}
        </Grid>
      )}
      {more?.more && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          disabled={more.busy}
          onClick={more.load}
        >
          {more.busy
            ? trans.__('Loading…')
            : trans.__(
                'Load more: %1 are left',
                formatNumber(
                  (differences ? total.differ : total.rows) - rows.length
                )
              )}
        </button>
      )}
    </>
  );
}
