/** Scatter and parallel coordinates over the rows of the table. */
import * as React from 'react';

import {
  ParallelChart,
  ScatterChart,
  type Brushes,
  type IParallelColumn,
  type IScatterColumn
} from '../../../components/charts';
import { Banner, useStudio } from '../../../components/common';
import {
  labelOf,
  LocalRows,
  metricOf,
  Popover,
  type IColumn,
  type IRowBlock
} from '../../../components/table';
import type { IChartsPaneProps } from './chartsPane';
import {
  chooseAxes,
  chooseColor,
  choosePair,
  plottable
} from './chooseColumns';

/** Live rows redraw these charts at most so often. */
const PAUSE_MS = 600;

/** Columns of the rows for a chart, renewed when rows change, at most every `PAUSE_MS`. */
function useBlock(
  props: IChartsPaneProps,
  keys: readonly string[],
  brushed: boolean
): { block: IRowBlock | null; error: unknown } {
  const { rows, data, visible } = props;
  const [state, setState] = React.useState<{
    block: IRowBlock | null;
    error: unknown;
  }>({
    block: null,
    error: null
  });
  const version = React.useSyncExternalStore(
    rows.subscribe,
    () => rows.version
  );
  const last = React.useRef({ at: 0, key: '' });
  const key = keys.join('\n');
  React.useEffect(() => {
    if (visible) {
      data.need(keys, brushed ? 'scatter' : 'parallel');
    }
  }, [data, key, visible, brushed]);
  React.useEffect(() => {
    if (!visible) {
      return;
    }
    const abort = new AbortController();
    const read = (): void => {
      last.current = { at: performance.now(), key };
      if (rows instanceof LocalRows) {
        setState({ block: rows.extract(keys, brushed), error: null });
        return;
      }
      data.sample(keys, abort.signal).then(
        local => setState({ block: local.extract(keys, false), error: null }),
        (error: unknown) =>
          !abort.signal.aborted && setState({ block: null, error })
      );
    };
    const asked = last.current.key !== key;
    const wait = asked
      ? 0
      : Math.max(0, last.current.at + PAUSE_MS - performance.now());
    const timer = setTimeout(read, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [rows, rows instanceof LocalRows ? version : 0, key, visible, brushed]);
  return state;
}

function Choice(props: {
  label: string;
  value: string | null;
  columns: readonly IColumn[];
  none?: string;
  onValue(key: string | null): void;
}): JSX.Element {
  const { trans } = useStudio();
  return (
    <label>
      {props.label}
      <select
        className="jp-Mlstudio-select"
        value={props.value ?? ''}
        onChange={event => props.onValue(event.target.value || null)}
      >
        {props.none !== undefined && <option value="">{props.none}</option>}
        {props.columns.map(column => (
          <option key={column.key} value={column.key}>
            {labelOf(column.key, trans).slice(0, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function ScatterTab(props: IChartsPaneProps): JSX.Element {
  const { columns, view, onView, visible, selection } = props;
  const { trans } = useStudio();
  const list = React.useMemo(() => plottable(columns), [columns]);
  const pair = choosePair(list, view.scatter.x, view.scatter.y);
  const color = list.some(c => c.key === view.scatter.color)
    ? view.scatter.color
    : null;
  const keys = [pair?.x, pair?.y, color].flatMap(k => k ?? []);
  const { block, error } = useBlock(props, keys, true);
  const set = (change: Partial<typeof view.scatter>): void =>
    onView(v => ({ ...v, scatter: { ...v.scatter, ...change } }));
  const column = (key: string): IScatterColumn => ({
    key,
    label: labelOf(key, trans),
    cells: block?.columns.get(key) ?? []
  });
  const rows = React.useMemo(
    () =>
      block === null || pair === null
        ? null
        : {
            names: block.names,
            x: column(pair.x),
            y: column(pair.y),
            color: color === null ? null : column(color),
            selected: selection.names
          },
    [block, pair?.x, pair?.y, color, selection]
  );
  if (pair === null) {
    return (
      <p className="jp-Mlstudio-chartNote">
        {trans.__('A scatter needs two columns with values.')}
      </p>
    );
  }
  return (
    <>
      <div className="jp-Mlstudio-chartControls">
        <Choice
          label={trans.__('x')}
          value={pair.x}
          columns={list}
          onValue={x => set({ x })}
        />
        <Choice
          label={trans.__('y')}
          value={pair.y}
          columns={list}
          onValue={y => set({ y })}
        />
        <Choice
          label={trans.__('colour')}
          value={color}
          columns={list}
          none={trans.__('none')}
          onValue={next => set({ color: next })}
        />
      </div>
      <Banner error={error} />
      {rows !== null && (
        <ScatterChart
          rows={rows}
          visible={visible}
          trans={trans}
          onPick={props.onPick}
        />
      )}
    </>
  );
}

export function ParallelTab(props: IChartsPaneProps): JSX.Element {
  const { columns, view, onView, visible, selection, brushes } = props;
  const { trans } = useStudio();
  const list = React.useMemo(() => plottable(columns), [columns]);
  const axes = chooseAxes(list, view.parallel.axes);
  const color = chooseColor(list, axes, view.parallel.color);
  const { block, error } = useBlock(props, axes, false);
  const axesKey = axes.join('\n');
  const drawn = React.useMemo(
    (): IParallelColumn[] =>
      block === null
        ? []
        : axes
            .filter(key => block.columns.has(key))
            .map(key => ({
              key,
              label: labelOf(key, trans),
              cells: block.columns.get(key) ?? []
            })),
    [block, axesKey, trans]
  );
  const set = (change: Partial<typeof view.parallel>): void =>
    onView(v => ({ ...v, parallel: { ...v.parallel, ...change } }));
  const setBrushes = (next: Brushes): void =>
    set({ brushes: Object.fromEntries(next) });
  return (
    <>
      <div className="jp-Mlstudio-chartControls">
        <AxesButton
          axes={axes}
          columns={list}
          onAxes={next =>
            set({
              axes: next,
              brushes: Object.fromEntries(
                [...brushes].filter(([key]) => next.includes(key))
              )
            })
          }
        />
        <Choice
          label={trans.__('colour')}
          value={color}
          columns={list.filter(c => axes.includes(c.key))}
          onValue={next => set({ color: next })}
        />
        <span className="jp-Mlstudio-hint">
          {trans.__(
            'Drag along an axis to filter the table; click it to clear.'
          )}
        </span>
      </div>
      <Banner error={error} />
      {axes.length < 2 ? (
        <p className="jp-Mlstudio-chartNote">
          {trans.__('Choose two axes or more.')}
        </p>
      ) : (
        block !== null && (
          <ParallelChart
            names={block.names}
            columns={drawn}
            objective={color}
            selected={selection.names}
            brushes={brushes}
            visible={visible}
            trans={trans}
            onBrush={setBrushes}
            onOrder={next => set({ axes: next })}
          />
        )
      )}
    </>
  );
}

function AxesButton(props: {
  axes: readonly string[];
  columns: readonly IColumn[];
  onAxes(axes: readonly string[]): void;
}): JSX.Element {
  const { axes, columns, onAxes } = props;
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  const metricsLast = columns.filter(
    c => (metricOf(c.key)?.stat ?? 'last') === 'last' || axes.includes(c.key)
  );
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button"
        aria-haspopup="dialog"
        onClick={event => setAnchor(event.currentTarget)}
      >
        {trans.__('Axes (%1)', axes.length)}
      </button>
      {anchor !== null && (
        <Popover
          anchor={anchor}
          role="dialog"
          label={trans.__('Axes')}
          onClose={close}
        >
          <div className="jp-Mlstudio-columnList">
            {metricsLast.slice(0, 300).map(column => (
              <label key={column.key} className="jp-Mlstudio-columnItem">
                <input
                  type="checkbox"
                  checked={axes.includes(column.key)}
                  onChange={event =>
                    onAxes(
                      event.target.checked
                        ? [...axes, column.key]
                        : axes.filter(key => key !== column.key)
                    )
                  }
                />
                <bdi>{labelOf(column.key, trans).slice(0, 60)}</bdi>
              </label>
            ))}
          </div>
        </Popover>
      )}
    </>
  );
}
