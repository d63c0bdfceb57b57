/** What stands in the cell: the table of trial components, and the curves of those selected. */
import * as React from 'react';

import { Banner } from '../components/common/Banner';
import { useStudio } from '../components/common/context';
import { Status } from '../components/common/Status';
import { LineChart } from '../components/charts/lineChart';
import { palette } from '../components/charts/palette';
import { useChartTheme } from '../components/charts/theme';
import {
  arrange,
  DataTable,
  DEFAULT_LAYOUT,
  metricOf,
  metricScore,
  Selection,
  type IColumn,
  type ISortKey,
  type ISwatch,
  type LocalRows
} from '../components/table';
import type { IModel } from './kernelApi';
import { asNumber, asRange, asText, asTexts, useTrait } from './traits';
import { useRows, type WidgetKind } from './useRows';

/** Curves drawn when nothing is selected. */
const FIRST_RUNS = 10;
const MOST_RUNS = 50;
const FIRST_METRICS = 4;

/** Names of metrics that rows have, the likely objective first, system metrics left out. */
export function metricsOf(columns: readonly IColumn[]): string[] {
  const names = columns.flatMap(c => {
    const metric = metricOf(c.key);
    return metric !== null &&
      metric.stat === 'last' &&
      !metric.name.startsWith('system/')
      ? [metric.name]
      : [];
  });
  return [...new Set(names)].sort((a, b) => metricScore(b) - metricScore(a));
}

/** Names whose curves are drawn: the selected ones, else the first of the table. */
export function runsOf(
  rows: LocalRows | null,
  selection: readonly string[]
): string[] {
  if (rows === null) {
    return [];
  }
  const picked = selection.filter(name => rows.has(name));
  if (picked.length > 0) {
    return picked.slice(0, MOST_RUNS);
  }
  const first = Math.min(FIRST_RUNS, rows.count);
  return Array.from({ length: first }, (_, i) => rows.nameAt(i) ?? '');
}

export function WidgetView(props: { readonly model: IModel }): JSX.Element {
  const { model } = props;
  const { trans } = useStudio();
  const [kind] = useTrait(model, 'kind', value => asText(value) as WidgetKind);
  const [names] = useTrait(model, 'names', asTexts);
  const [home] = useTrait(model, 'experiment', asText);
  const [selected, setSelected] = useTrait(model, 'selection', asTexts);
  const [sort, setSort] = React.useState<readonly ISortKey[]>([]);
  const { rows, columns, total, error, reload } = useRows(
    kind,
    names,
    home,
    sort
  );
  const runs = runsOf(rows, selected);
  const swatchOf = useSwatches(runs);
  return (
    <section
      className="jp-Mlstudio-widget"
      aria-label={trans.__('mlstudio: %1', names.join(', ').slice(0, 120))}
    >
      <Banner error={error} retry={reload} />
      {rows === null && error === null && (
        <p className="jp-Mlstudio-chartNote">
          {trans.__('Asking the kernel…')}
        </p>
      )}
      {rows !== null && (
        <>
          {kind === 'run' ? (
            <RunLine rows={rows} name={names[0] ?? ''} />
          ) : (
            <Table
              rows={rows}
              columns={columns}
              total={total}
              selected={selected}
              sort={sort}
              swatchOf={swatchOf}
              onSelected={setSelected}
              onSort={setSort}
            />
          )}
          <Curves model={model} runs={runs} columns={columns} />
        </>
      )}
    </section>
  );
}

interface ITableProps {
  readonly rows: LocalRows;
  readonly columns: readonly IColumn[];
  readonly total: number;
  readonly selected: readonly string[];
  readonly sort: readonly ISortKey[];
  swatchOf(name: string): ISwatch | undefined;
  onSelected(names: readonly string[]): void;
  onSort(sort: readonly ISortKey[]): void;
}

function Table(props: ITableProps): JSX.Element {
  const { trans } = useStudio();
  const { rows, columns, selected, total } = props;
  const [layout, setLayout] = React.useState(DEFAULT_LAYOUT);
  const [menu, setMenu] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setMenu(null), []);
  const selection = React.useMemo(() => Selection.of(selected), [selected]);
  const shown = arrange(columns, layout).visible.length;
  return (
    <>
      <div className="jp-Mlstudio-widgetBar">
        <span>
          {rows.count < total
            ? trans.__('The newest %1 of %2 runs', rows.count, total)
            : trans._n('%1 run', '%1 runs', rows.count)}
          {selected.length > 0 &&
            ` · ${trans.__('%1 selected', selected.length)}`}
        </span>
        <button
          type="button"
          className="jp-Mlstudio-tool"
          aria-haspopup="dialog"
          onClick={event => setMenu(event.currentTarget)}
        >
          {trans.__('Columns (%1)', shown)}
        </button>
      </div>
      <div
        className="jp-Mlstudio-widgetTable"
        style={{ height: Math.min(320, 62 + 24 * Math.max(1, rows.count)) }}
      >
        <DataTable
          label={trans.__('Trial components')}
          source={rows}
          columns={columns}
          layout={layout}
          sort={props.sort}
          selection={selection}
          trans={trans}
          columnMenu={menu}
          swatchOf={props.swatchOf}
          onLayout={setLayout}
          onSort={props.onSort}
          onSelection={next => props.onSelected([...next.names])}
          onOpen={name => props.onSelected([name])}
          onColumnMenuClose={close}
        />
      </div>
    </>
  );
}

/** One run: its status and its parameters in a line. */
function RunLine(props: {
  readonly rows: LocalRows;
  readonly name: string;
}): JSX.Element {
  const { rows, name } = props;
  const { trans } = useStudio();
  const at = rows.indexOf(name);
  const text = at < 0 ? name : String(rows.labelOf(name));
  const status = at < 0 ? '' : String(rows.cell(at, 'status') ?? '');
  return (
    <div className="jp-Mlstudio-widgetBar">
      <span>
        <bdi>{text}</bdi>
        {status !== '' && (
          <>
            {' '}
            <Status status={status} words />
          </>
        )}
      </span>
      <button
        type="button"
        className="jp-Mlstudio-tool"
        data-commandlinker-command="mlstudio:open-component"
        data-commandlinker-args={JSON.stringify({ name })}
      >
        {trans.__('Open in Studio')}
      </button>
    </div>
  );
}

interface ICurvesProps {
  readonly model: IModel;
  readonly runs: readonly string[];
  readonly columns: readonly IColumn[];
}

function Curves(props: ICurvesProps): JSX.Element {
  const { model, runs, columns } = props;
  const { trans } = useStudio();
  const [chosen, setChosen] = useTrait(model, 'metrics', asTexts);
  const [x] = useTrait(
    model,
    'x',
    value => asText(value) as 'step' | 'time' | 'relative'
  );
  const [smooth] = useTrait(model, 'smooth', asNumber);
  const [height] = useTrait(model, 'height', asNumber);
  const [zoom, setZoom] = useTrait(model, 'zoom', asRange);
  const all = metricsOf(columns);
  const shown = chosen.length > 0 ? chosen : all.slice(0, FIRST_METRICS);
  const toggle = (name: string): void =>
    setChosen(
      shown.includes(name) ? shown.filter(n => n !== name) : [...shown, name]
    );
  return (
    <>
      {all.length > 1 && (
        <div
          className="jp-Mlstudio-widgetMetrics"
          role="group"
          aria-label={trans.__('Metrics')}
        >
          {all.slice(0, 40).map(name => (
            <label key={name}>
              <input
                type="checkbox"
                checked={shown.includes(name)}
                onChange={() => toggle(name)}
              />
              <bdi>{name.slice(0, 60)}</bdi>
            </label>
          ))}
        </div>
      )}
      <div className="jp-Mlstudio-widgetCurves">
        {shown.map(name => (
          <LineChart
            key={name}
            title={name}
            series={runs.map(component => ({ component, name }))}
            x={x}
            smooth={smooth}
            height={height}
            range={zoom}
            onRange={setZoom}
            syncKey="mlstudio-widget"
          />
        ))}
      </div>
    </>
  );
}

function useSwatches(
  runs: readonly string[]
): (name: string) => ISwatch | undefined {
  const theme = useChartTheme();
  const key = runs.join('\n');
  return React.useMemo(() => {
    palette.settle(runs);
    const drawn = new Set(runs);
    return (name: string) => {
      if (!drawn.has(name)) {
        return undefined;
      }
      const { slot, dash } = palette.styleOf(name);
      return { color: theme.series[slot - 1], dash };
    };
  }, [key, theme]);
}
