/** The table of an experiment beside its charts. */
import * as React from 'react';

import { palette, useChartTheme } from '../../../components/charts';
import { Banner, LiveNote, useStudio } from '../../../components/common';
import {
  DataTable,
  GroupedRows,
  toggleGroup,
  type IRowSource,
  type ISwatch,
  type Selection
} from '../../../components/table';
import { BoardPane } from './boardPane';
import { CellEditor } from './cellEditor';
import { cutGroups } from './columnList';
import { EmptyRows } from './emptyRows';
import type { RowsData } from './rowsData';
import type { IRowsState } from './rowsState';
import {
  isDefault,
  isUntouched,
  namedKeys,
  useSavedViews,
  viewOf,
  type ISavedViews
} from './savedViews';
import { Split } from './split';
import { Toolbar } from './toolbar';
import { useEdits, type IEdits } from './useEdits';
import {
  useExperiment,
  useGrouped,
  useRows,
  useRuns,
  useSelection,
  useVersion
} from './useDocument';
import { ViewNote } from './viewNote';
import type { IDocumentView } from './viewState';

export type SetView = (change: (view: IDocumentView) => IDocumentView) => void;

interface IDocumentViewProps {
  readonly experiment: string;
  readonly view: IDocumentView;
  readonly visible: boolean;
  /** Whether it opens with nothing restored and no link: then the default view applies. */
  readonly fresh: boolean;
  onView: SetView;
  onTitle(label: string): void;
}

export function DocumentView(props: IDocumentViewProps): JSX.Element {
  const { experiment, view, visible, onView } = props;
  const { trans } = useStudio();
  const { data, state } = useRows(experiment, view);
  const record = useExperiment(experiment, props.onTitle);
  const saved = useSavedViews(experiment);
  useDefaultView(props, saved);
  const [columnMenu, setColumnMenu] = React.useState<HTMLElement | null>(null);
  const [selection, setSelection] = useSelection(view, onView);
  const [target, setTarget] = React.useState<{ name: string } | null>(null);
  const { rows } = state;
  const version = useVersion(rows);
  const lines = useGrouped(data, rows, view);
  const runs = useRuns(rows, version, selection);
  const [names, setNames] = React.useState<ReadonlySet<string> | null>(null);
  React.useEffect(() => {
    data.setFilter({ text: view.quick, names });
  }, [data, view.quick, names, rows]);
  React.useEffect(() => data.name(namedKeys(view)), [data, view]);
  const edits = useEdits(rows, view.state);
  const jump = (name: string): void => {
    if (lines instanceof GroupedRows) {
      const open = lines.openFor(name);
      onView(v => ({ ...v, group: { ...v.group, open } }));
    }
    setTarget({ name });
  };
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
        saved={saved}
        records={edits.records}
        brushed={names !== null}
        onView={onView}
        onSelection={setSelection}
        onColumns={setColumnMenu}
        onJump={jump}
        onMoved={() => void data.load()}
      />
      {state.error === null ? (
        <LiveNote />
      ) : (
        <Banner error={state.error} retry={() => void data.load()} />
      )}
      <ViewNote state={state} view={view} onView={onView} />
      <div className={`jp-Mlstudio-busy${state.loading ? ' jp-mod-on' : ''}`} />
      <Split
        share={view.split}
        open={view.chartsOpen}
        label={trans.__('Width of the table')}
        onShare={split => onView(v => ({ ...v, split }))}
        first={
          lines === null ? (
            <p className="jp-Mlstudio-chartNote">
              {state.error === null ? trans.__('Loading trials…') : ''}
            </p>
          ) : (
            <TablePane
              document={props}
              data={data}
              state={state}
              lines={lines}
              runs={runs}
              selection={selection}
              brushed={names !== null}
              columnMenu={columnMenu}
              target={target}
              edits={edits}
              onSelection={setSelection}
              onColumnMenu={setColumnMenu}
            />
          )
        }
        second={
          rows !== null && (
            <BoardPane
              experiment={experiment}
              data={data}
              rows={rows}
              state={state}
              runs={runs}
              selection={selection}
              view={view}
              visible={visible}
              onView={onView}
              onSelection={setSelection}
              onBrushed={setNames}
            />
          )
        }
      />
      {edits.cell !== null && (
        <CellEditor
          cell={edits.cell}
          records={edits.records}
          onClose={edits.close}
        />
      )}
    </section>
  );
}

interface ITablePaneProps {
  readonly document: IDocumentViewProps;
  readonly data: RowsData;
  readonly state: IRowsState;
  readonly lines: IRowSource;
  readonly runs: readonly string[];
  readonly selection: Selection;
  readonly brushed: boolean;
  readonly columnMenu: HTMLElement | null;
  readonly target: { readonly name: string } | null;
  readonly edits: IEdits;
  onSelection(selection: Selection): void;
  onColumnMenu(anchor: HTMLElement | null): void;
}

function TablePane(props: ITablePaneProps): JSX.Element {
  const { data, state, lines, onColumnMenu } = props;
  const { experiment, view, onView } = props.document;
  const { trans, commands } = useStudio();
  const { infos, totals } = state;
  const near = React.useCallback(
    (keys: readonly string[]) => data.need(keys, 'table'),
    [data]
  );
  const closeMenu = React.useCallback(() => onColumnMenu(null), [onColumnMenu]);
  const findMore = React.useMemo(
    () =>
      cutGroups(infos, totals).size === 0
        ? undefined
        : async (text: string, signal: AbortSignal) =>
            data.findColumns(text, signal),
    [data, infos, totals]
  );
  return (
    <DataTable
      label={trans.__('Trial components of %1', experiment.slice(0, 120))}
      source={lines}
      columns={state.columns}
      layout={view.layout}
      sort={view.sort}
      selection={props.selection}
      trans={trans}
      columnMenu={props.columnMenu}
      grouping={view.group.by}
      target={props.target}
      swatchOf={useSwatches(props.runs, view.chartsOpen)}
      empty={
        <EmptyRows
          experiment={experiment}
          state={view.state}
          filtered={view.where !== '' || view.quick !== '' || props.brushed}
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
      findMore={findMore}
      totals={totals}
      onLayout={layout => onView(v => ({ ...v, layout }))}
      onSort={sort => onView(v => ({ ...v, sort }))}
      onSelection={props.onSelection}
      onGrouping={by => onView(v => ({ ...v, group: { ...v.group, by } }))}
      onToggleGroup={id =>
        onView(v => ({
          ...v,
          group: { ...v.group, open: toggleGroup(v.group.open, id) }
        }))
      }
      onOpen={name =>
        void commands.execute('mlstudio:open-component', { name })
      }
      onCell={props.edits.onCell}
      onNear={near}
      onColumnMenuClose={closeMenu}
    />
  );
}

/** Which line of the charts is a row's. */
function useSwatches(
  runs: readonly string[],
  shown: boolean
): (name: string) => ISwatch | undefined {
  const theme = useChartTheme();
  const drawn = React.useMemo(() => {
    palette.settle(runs);
    return new Set(shown ? runs : []);
  }, [runs, shown]);
  return React.useMemo(() => {
    // The same object for the same row, or the row would be drawn again with every scroll.
    const made = new Map<string, ISwatch>();
    return (name: string): ISwatch | undefined => {
      let swatch = made.get(name);
      if (swatch === undefined && drawn.has(name)) {
        const { slot, dash } = palette.styleOf(name);
        swatch = { color: theme.series[slot - 1], dash };
        made.set(name, swatch);
      }
      return swatch;
    };
  }, [drawn, theme]);
}

/** Once, when the document opens with nothing restored: the view that somebody made the first. */
function useDefaultView(
  { fresh, onView }: IDocumentViewProps,
  { views, ready }: ISavedViews
): void {
  const waits = React.useRef(fresh);
  React.useEffect(() => {
    const first = views.find(isDefault);
    if (waits.current && first !== undefined) {
      // The list may come late: what was typed or sorted until then stays.
      onView(now => (isUntouched(now) ? viewOf(first, now) : now));
    }
    if (ready) {
      // Views that come later are for the next opening.
      waits.current = false;
    }
  }, [views, ready, onView]);
}
