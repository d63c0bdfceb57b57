/** What an experiment document keeps alive: its rows, its record, its selection, its groups. */
import * as React from 'react';

import type { ExperimentRecord } from '../../../api/types';
import { useLive, useStudio, useThrottle } from '../../../components/common';
import {
  arrange,
  GroupedRows,
  LocalRows,
  Selection,
  type IColumn,
  type IRowSource,
  type ITableLayout
} from '../../../components/table';
import type { SetView } from './documentView';
import { RowsData } from './rowsData';
import type { IRowsState } from './rowsState';
import type { IDocumentView } from './viewState';

/** Runs that are drawn when none is selected. */
const FIRST_RUNS = 10;
/** Runs that are drawn at most. */
const MOST_RUNS = 50;
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
export function useRows(
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
        state: view.state,
        first: columns => firstKeys(columns, view.layout)
      }),
    [api, experiment]
  );
  const { where, sort, state } = view;
  const last = React.useRef({ data, where, sort, state });
  React.useEffect(() => {
    void data.load();
    return () => data.dispose();
  }, [data]);
  React.useEffect(() => {
    const before = last.current;
    last.current = { data, where, sort, state };
    if (before.sort !== sort) {
      data.setSort(sort);
    }
    if (before.where !== where || before.state !== state) {
      data.look(where, state);
    }
  }, [data, where, sort, state]);
  useLive([`experiment:${experiment}`], data.onEvent);
  return { data, state: data.state };
}

/** The experiment's own record, for the title and the counts. */
export function useExperiment(
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
export function useSelection(
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
  // Rows of another state are other rows.
  const { state } = view;
  const last = React.useRef(state);
  React.useEffect(() => {
    if (last.current !== state) {
      last.current = state;
      set(Selection.empty);
    }
  }, [state, set]);
  return [selection, set];
}

const NOTHING = (): (() => void) => () => undefined;

/** The rows' version, subscribed. */
export function useVersion(rows: IRowSource | null): number {
  return React.useSyncExternalStore(
    rows?.subscribe ?? NOTHING,
    () => rows?.version ?? 0
  );
}

/** Names whose curves are drawn: the selected ones in the table's order, else the first ones. */
export function useRuns(
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

/** The rows as the table shows them: gathered in groups once the columns for that are here. */
export function useGrouped(
  data: RowsData,
  rows: IRowSource | null,
  view: IDocumentView
): IRowSource | null {
  const { by, open } = view.group;
  const key = by.join('\n');
  React.useEffect(() => data.need(by, 'groups'), [data, key]);
  const ready =
    rows instanceof LocalRows &&
    by.length > 0 &&
    by.every(one => one === 'name' || rows.column(one) !== undefined);
  const grouped = React.useMemo(
    () => (ready ? new GroupedRows(rows, by, open) : null),
    [rows, key, ready]
  );
  React.useLayoutEffect(() => grouped?.setOpen(open), [grouped, open]);
  return grouped ?? rows;
}
