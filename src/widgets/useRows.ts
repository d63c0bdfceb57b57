/** The rows of a widget: one page of the table call, read again when the store changes. */
import * as React from 'react';

import {
  decodePage,
  isMissing,
  type DecodedColumn,
  type IDecodedPage
} from '../api/decode';
import { asStudioError } from '../api/errors';
import type { TableRequest } from '../api/types';
import { useLive, useStudio, useThrottle } from '../components/common/context';
import {
  groupOf,
  LocalRows,
  type IColumn,
  type ISortKey
} from '../components/table';

/** Rows that a cell shows at most; the panel shows them all. */
const MOST_ROWS = 2000;

export type WidgetKind = 'experiment' | 'trial' | 'run' | 'compare';

interface IRows {
  readonly rows: LocalRows | null;
  readonly columns: readonly IColumn[];
  readonly total: number;
  readonly error: unknown;
  reload(): void;
}

const quoted = (name: string): string => `"${name.replace(/["\\]/g, '\\$&')}"`;

/** The table call that shows what a widget is about. */
export function requestOf(
  kind: WidgetKind,
  names: readonly string[],
  home: string
): TableRequest {
  const scoped = kind === 'experiment' || kind === 'trial';
  const around = home === '' ? {} : { experiment: home };
  return {
    scope: scoped ? { [kind]: names[0] ?? '' } : around,
    where: scoped ? null : `name in [${names.map(quoted).join(', ')}]`,
    order: ['-created'],
    columns: null,
    offset: 0,
    limit: MOST_ROWS
  };
}

/** Columns that have a value in at least one row. */
export function columnsOf(page: IDecodedPage): IColumn[] {
  return [...page.columns.entries()]
    .filter(([, column]) => hasValue(column, page.rows))
    .map(([key, column]) => ({ key, group: groupOf(key), kind: column.kind }));
}

function hasValue(column: DecodedColumn, rows: number): boolean {
  if (column.kind === 'category') {
    return column.codes.some(code => code !== 0xffffffff);
  }
  for (let row = 0; row < rows; row++) {
    if (!isMissing(column.missing, row)) {
      return true;
    }
  }
  return false;
}

export function useRows(
  kind: WidgetKind,
  names: readonly string[],
  home: string,
  sort: readonly ISortKey[]
): IRows {
  const { api } = useStudio();
  const rows = React.useRef<LocalRows | null>(null);
  const [state, setState] = React.useState<Omit<IRows, 'reload'>>({
    rows: null,
    columns: [],
    total: 0,
    error: null
  });
  const key = JSON.stringify([kind, names, home]);
  const abort = React.useRef(new AbortController());
  const read = React.useCallback(async () => {
    const { signal } = abort.current;
    try {
      const { data } = await api.client.POST('/tables', {
        body: requestOf(kind, names, home),
        signal
      });
      if (data === undefined || signal.aborted) {
        return;
      }
      const page = decodePage(data);
      if (rows.current === null) {
        rows.current = new LocalRows(page);
      } else {
        rows.current.replace(page);
      }
      const columns = columnsOf(page);
      setState({
        rows: rows.current,
        columns,
        total: page.total,
        error: null
      });
    } catch (error) {
      if (!signal.aborted && asStudioError(error).code !== 'aborted') {
        setState(last => ({ ...last, error }));
      }
    }
  }, [api, key]);
  React.useEffect(() => {
    // An answer about what the widget showed before comes too late.
    const own = (abort.current = new AbortController());
    void read();
    return () => own.abort();
  }, [read]);
  React.useEffect(() => {
    state.rows?.sort(sort);
  }, [state.rows, sort]);
  const soon = useThrottle(read, 500);
  useLive([key], soon);
  return { ...state, reload: () => void read() };
}
