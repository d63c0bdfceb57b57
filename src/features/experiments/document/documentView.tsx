/** The table of an experiment beside its charts. */
import * as React from 'react';

import type { ExperimentRecord } from '../../../api/types';
import { palette, useChartTheme } from '../../../components/charts';
import {
  Banner,
  LiveNote,
  useLive,
  useStudio,
  useThrottle
} from '../../../components/common';
import {
  arrange,
  DataTable,
  Selection,
  type IColumn,
  type IRowSource,
  type ISwatch,
  type ITableLayout
} from '../../../components/table';
import { Board } from './board';
import { EmptyRows } from './emptyRows';
import { RowsData } from './rowsData';
import type { IRowsState } from './rowsState';
import { Split } from './split';
import { Toolbar } from './toolbar';
import type { IDocumentView } from './viewState';

export type SetView = (change: (view: IDocumentView) => IDocumentView) => void;

interface IDocumentViewProps {
  readonly experiment: string;
  readonly view: IDocumentView;
  readonly visible: boolean;
  onView: SetView;
  onTitle(label: string): void;
}

/** Runs that are drawn when none is selected. */
const FIRST_RUNS = 10;
/** Runs that are drawn at most. */
const MOST_RUNS = 50;

export function DocumentView(props: IDocumentViewProps): JSX.Element {
  const { experiment, view, visible, onView } = props;
  const { trans, commands } = useStudio();
  const { data, state } = useRows(experiment, view);
  const record = useExperiment(experiment, props.onTitle);
  const [columnMenu, setColumnMenu] = React.useState<HTMLElement | null>(null);
  const [selection, setSelection] = useSelection(view, onView);
  const theme = useChartTheme();
  const { rows, columns } = state;
  const version = useVersion(rows);
  const runs = useRuns(rows, version, selection);
  const [names, setNames] = React.useState<ReadonlySet<string> | null>(null);
  React.useEffect(() => {
    data.setFilter({ text: view.quick, names });
  }, [data, view.quick, names, rows]);
  const curves = view.chartsOpen;
  const drawn = React.useMemo(() => {
    palette.settle(runs);
    return new Set(curves ? runs : []);
  }, [runs, curves]);
  const swatchOf = React.useCallback(
    (name: string): ISwatch | undefined => {
      if (!drawn.has(name)) {
        return undefined;
      }
      const { slot, dash } = palette.styleOf(name);
      return { color: theme.series[slot - 1], dash };
    },
    [drawn, theme]
  );
  const open = (name: string): void => {
    void commands.execute('mlstudio:open-component', { name });
  };
  const needNear = React.useCallback(
    (keys: readonly string[]) => data.need(keys, 'table'),
    [data]
  );
  const closeMenu = React.useCallback(() => setColumnMenu(null), []);
  const table = rows !== null && (
    <DataTable
      label={trans.__('Trial components of %1', experiment.slice(0, 120))}
      source={rows}
      columns={columns}
      layout={view.layout}
      sort={view.sort}
      selection={selection}
      trans={trans}
      columnMenu={columnMenu}
      swatchOf={swatchOf}
      empty={
        <EmptyRows
          experiment={experiment}
          filtered={view.where !== '' || view.quick !== '' || names !== null}
          onClear={() =>
            onView(v => ({
              ...v,
              where: '',
              quick: '',
              board: { ...v.board, brushes: {} }
            }))
          }
        />
      }
      onLayout={layout => onView(v => ({ ...v, layout }))}
      onSort={sort => onView(v => ({ ...v, sort }))}
      onSelection={setSelection}
      onOpen={open}
      onNear={needNear}
      onColumnMenuClose={closeMenu}
    />
  );
  return (
    <section
      className="jp-Mlstudio-documentBody"
      aria-label={trans.__('Experiment %1', experiment.slice(0, 120))}
      aria-busy={state.loading}
    >
      <Toolbar
        experiment={experiment}
        record={record}
        view={view}
        rows={rows}
        state={state}
        selection={selection}
        onView={onView}
        onSelection={setSelection}
        onColumns={setColumnMenu}
      />
      {state.error === null ? (
        <LiveNote />
      ) : (
        <Banner error={state.error} retry={() => void data.load()} />
      )}
      <div className={`jp-Mlstudio-busy${state.loading ? ' jp-mod-on' : ''}`} />
      <Split
        share={view.split}
        open={view.chartsOpen}
        label={trans.__('Width of the table')}
        onShare={split => onView(v => ({ ...v, split }))}
        first={
          table || (
            <p className="jp-Mlstudio-chartNote">
              {state.error === null ? trans.__('Loading trials…') : ''}
            </p>
          )
        }
        second={
          rows !== null && (
            <Board
              experiment={experiment}
              where={view.where}
              data={data}
              rows={rows}
              columns={columns}
              runs={runs}
              selection={selection}
              grouping={view.group.by}
              view={view.board}
              visible={visible && view.chartsOpen}
              onView={change => onView(v => ({ ...v, board: change(v.board) }))}
              onPick={name => setSelection(selection.toggle(name))}
              onBrushed={setNames}
            />
          )
        }
      />
    </section>
  );
}

/** Columns in sight when a document opens; those further right are read when somebody scrolls. */
const FIRST_COLUMNS = 16;

function firstKeys(
  columns: readonly IColumn[],
  layout: ITableLayout
): readonly string[] {
  const { visible } = arrange(columns, layout);
  return visible.slice(0, FIRST_COLUMNS).map(c => c.key);
}

/** The rows of the experiment, kept alive. */
function useRows(
  experiment: string,
  view: IDocumentView
): { data: RowsData; state: IRowsState } {
  const { api } = useStudio();
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const data = React.useMemo(
    () =>
      new RowsData(api, experiment, redraw, {
        where: view.where,
        sort: view.sort,
        filter: { text: view.quick, names: null },
        first: columns => firstKeys(columns, view.layout)
      }),
    [api, experiment]
  );
  const { where, sort } = view;
  const last = React.useRef({ data, where, sort });
  React.useEffect(() => {
    void data.load();
    return () => data.dispose();
  }, [data]);
  React.useEffect(() => {
    if (last.current.where !== where) {
      data.setWhere(where);
    }
    if (last.current.sort !== sort) {
      data.setSort(sort);
    }
    last.current = { data, where, sort };
  }, [data, where, sort]);
  useLive([`experiment:${experiment}`], data.onEvent);
  return { data, state: data.state };
}

/** The experiment's own record, for the title and the counts. */
function useExperiment(
  experiment: string,
  onTitle: (label: string) => void
): ExperimentRecord | null {
  const { api } = useStudio();
  const [record, setRecord] = React.useState<ExperimentRecord | null>(null);
  const read = React.useCallback(() => {
    api.client
      .GET('/experiments/{name}', { params: { path: { name: experiment } } })
      .then(
        ({ data }) => {
          if (data !== undefined) {
            setRecord(data);
            onTitle(data.display_name ?? data.name);
          }
        },
        () => undefined
      );
  }, [api, experiment, onTitle]);
  React.useEffect(read, [read]);
  const soon = useThrottle(read, 1000);
  useLive(['experiments'], event => {
    const { name } = (event.data ?? {}) as { name?: unknown };
    if (event.type === 'invalidate' || name === experiment) {
      soon();
    }
  });
  return record;
}

/** The selection as an object, kept in the view as names. */
function useSelection(
  view: IDocumentView,
  onView: SetView
): [Selection, (next: Selection) => void] {
  const [selection, setSelection] = React.useState(() =>
    Selection.of(view.selected)
  );
  const set = React.useCallback(
    (next: Selection) => {
      setSelection(next);
      onView(v => ({ ...v, selected: [...next.names] }));
    },
    [onView]
  );
  return [selection, set];
}

const NOTHING = (): (() => void) => () => undefined;

/** The rows' version, subscribed. */
function useVersion(rows: IRowSource | null): number {
  return React.useSyncExternalStore(
    rows?.subscribe ?? NOTHING,
    () => rows?.version ?? 0
  );
}

/** Names whose curves are drawn: the selected ones in the table's order, else the first ones. */
function useRuns(
  rows: IRowSource | null,
  version: number,
  selection: Selection
): readonly string[] {
  const last = React.useRef<readonly string[]>([]);
  return React.useMemo(() => {
    const found =
      rows === null
        ? []
        : selection.size > 0
          ? [...selection.names]
              .map(name => ({ name, at: rows.indexOf(name) }))
              .sort((a, b) => (a.at < 0 ? 1e9 : a.at) - (b.at < 0 ? 1e9 : b.at))
              .map(({ name }) => name)
              .slice(0, MOST_RUNS)
          : Array.from({ length: Math.min(FIRST_RUNS, rows.count) }, (_, i) =>
              rows.nameAt(i)
            ).flatMap(name => name ?? []);
    if (found.join('\n') !== last.current.join('\n')) {
      last.current = found;
    }
    return last.current;
  }, [rows, version, selection]);
}
