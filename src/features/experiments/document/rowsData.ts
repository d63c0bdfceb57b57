/**
 * The rows of an experiment: read from the server, kept alive by the socket.
 *
 * First 200 rows, so that something stands there at once; then all of them where they are at most
 * 20,000, or pages on demand above that. Events patch cells; a row whose fate under the query only
 * the server can tell leads to one new reading, however many such rows there are.
 */
import { decodePage, type IDecodedPage } from '../../../api/decode';
import { asStudioError, type StudioError } from '../../../api/errors';
import type { Schemas, TableRequest } from '../../../api/types';
import {
  formatSort,
  groupOf,
  LocalRows,
  metricOf,
  PagedRows,
  type Cells,
  type IColumn,
  type IRowFilter,
  type IRowSource,
  type ISortKey
} from '../../../components/table';
import type { ILiveEvent, IStudioApi } from '../../../tokens';
import { combineWhere } from './query';

export const IN_BROWSER = 20_000;
const FIRST = 200;
/** New readings because of events come at most so often. */
const REFRESH_MS = 1500;
/** Statistics that can be asked of any metric. */
const EXTRA_STATS = ['min', 'max', 'avg'];

/** What the document shows of its rows. */
export interface IRowsState {
  readonly rows: IRowSource | null;
  readonly columns: readonly IColumn[];
  readonly loading: boolean;
  /** Why the last reading failed; the query's own errors apart. */
  readonly error: unknown;
  readonly queryError: StudioError | null;
}

type ColumnInfo = Schemas['ColumnInfo'];

/** The server's columns, and statistics of metrics that can be had for the asking. */
export function columnsOf(
  infos: readonly ColumnInfo[],
  discovered: readonly string[]
): IColumn[] {
  const columns = new Map<string, IColumn>();
  const add = (column: IColumn): void => {
    if (!columns.has(column.key)) {
      columns.set(column.key, column);
    }
  };
  for (const { key, group, kind, count, distinct } of infos) {
    add({ key, group, kind, count, distinct: distinct ?? undefined });
  }
  for (const key of discovered) {
    const group = groupOf(key);
    add({ key, group, kind: group === 'metrics' ? 'float' : 'category' });
  }
  for (const column of [...columns.values()]) {
    const metric = metricOf(column.key);
    for (const stat of metric === null ? [] : EXTRA_STATS) {
      add({
        key: `metrics.${metric?.name}.${stat}`,
        group: 'metrics',
        kind: 'float'
      });
    }
  }
  if (!columns.has('name')) {
    add({ key: 'name', group: 'meta', kind: 'category' });
  }
  return [...columns.values()];
}

export class RowsData {
  constructor(
    private readonly api: IStudioApi,
    private readonly experiment: string,
    private readonly onChange: () => void,
    start: { where: string; sort: readonly ISortKey[]; filter: IRowFilter }
  ) {
    this.where = start.where;
    this.keys = start.sort;
    this.wanted = start.filter;
  }

  state: IRowsState = {
    rows: null,
    columns: [],
    loading: true,
    error: null,
    queryError: null
  };

  setWhere(where: string): void {
    this.where = where;
    void this.load();
  }

  setSort(keys: readonly ISortKey[]): void {
    this.keys = keys;
    this.state.rows?.sort(keys);
    this.need(keys.map(k => k.key));
  }

  setFilter(filter: IRowFilter): void {
    this.wanted = filter;
    this.state.rows?.filter(filter);
  }

  /** Columns that are drawn: those that the last reading did not bring are asked for. */
  need(keys: readonly string[]): void {
    const fresh = keys.filter(
      key => !this.held.has(key) && !this.extra.has(key) && isExtra(key)
    );
    if (fresh.length > 0) {
      fresh.forEach(key => this.extra.add(key));
      void this.load();
    }
  }

  /** Read columns and rows. What is shown stays until the answer is here. */
  load = async (): Promise<void> => {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.late = [];
    this.set({ loading: true });
    const { rows } = this.state;
    // A table that stands there is replaced as a whole, or its scroll would jump.
    const limit =
      rows instanceof LocalRows && rows.total > FIRST ? IN_BROWSER : FIRST;
    try {
      const listed = this.readColumns(signal);
      if (this.extra.size > 0 && this.infos.length === 0) {
        // What is asked for beside extra columns is named: names first.
        this.infos = await listed;
      }
      const [columns, first] = await Promise.all([
        listed,
        this.read(
          { offset: 0, limit, order: formatSort(this.keys) },
          this.where,
          signal
        )
      ]);
      this.infos = columns;
      this.show(first);
      const more = first.total > first.rows;
      this.set({
        ...this.settled(),
        loading: more && first.total <= IN_BROWSER
      });
      if (more && first.total <= IN_BROWSER) {
        const order = formatSort(this.keys);
        const all = { offset: 0, limit: IN_BROWSER, order };
        this.show(await this.read(all, this.where, signal));
        this.set(this.settled());
      }
    } catch (error) {
      if (!signal.aborted) {
        this.fail(error);
      }
    }
    if (!signal.aborted) {
      this.late = null;
    }
  };

  onEvent = (event: ILiveEvent): void => {
    if (event.type.startsWith('component.')) {
      this.late?.push(event);
    }
    this.apply(event);
  };

  private apply(event: ILiveEvent): void {
    const data = (event.data ?? {}) as { name?: unknown; cells?: unknown };
    const name = typeof data.name === 'string' ? data.name : null;
    const { rows } = this.state;
    switch (event.type) {
      case 'component.created':
      case 'component.updated':
        if (name !== null && rows !== null) {
          this.patch(rows, event.type, name, (data.cells ?? {}) as Cells);
        }
        break;
      case 'component.removed':
        if (name !== null) {
          rows?.remove(name);
        }
        break;
      case 'columns.changed':
        this.refreshColumns();
        break;
      case 'invalidate':
        this.refreshSoon();
        break;
    }
  }

  dispose(): void {
    this.abort.abort();
    this.state.rows?.dispose();
    clearTimeout(this.timer);
    clearTimeout(this.columnTimer);
  }

  /** All rows of some columns, for charts, when rows are paged. */
  async sample(
    keys: readonly string[],
    signal: AbortSignal
  ): Promise<LocalRows> {
    const page = await this.read(
      {
        offset: 0,
        limit: IN_BROWSER,
        order: formatSort(this.keys),
        columns: [...keys, 'display_name']
      },
      combineWhere(this.where, this.wanted.text),
      signal
    );
    return new LocalRows(page);
  }

  private patch(
    rows: IRowSource,
    type: string,
    name: string,
    cells: Cells
  ): void {
    const known = rows.has(name);
    if (
      known ||
      (type === 'component.created' &&
        this.where.trim() === '' &&
        rows.complete)
    ) {
      const before = rows.discovered.length;
      rows.patch(name, cells);
      if (rows.discovered.length !== before) {
        this.set({ columns: columnsOf(this.infos, rows.discovered) });
      }
    }
    if (!known && !rows.complete) {
      rows.patch(name, cells);
    } else if (
      this.where.trim() !== '' ||
      (!known && type === 'component.updated')
    ) {
      this.refreshSoon();
    }
  }

  private show(page: IDecodedPage): void {
    page.columns.forEach((_, key) => this.held.add(key));
    const { rows } = this.state;
    if (page.total > IN_BROWSER) {
      rows?.dispose();
      const paged = new PagedRows(
        (ask, signal) =>
          this.read(ask, combineWhere(this.where, ask.filter.text), signal),
        error => this.fail(error),
        page.total
      );
      paged.filter(this.wanted);
      paged.sort(this.keys);
      this.set({ rows: paged });
    } else if (rows instanceof LocalRows) {
      rows.replace(page);
    } else {
      rows?.dispose();
      const local = new LocalRows(page);
      local.sort(this.keys);
      local.filter(this.wanted);
      this.set({ rows: local });
    }
    this.late?.forEach(event => this.apply(event));
  }

  private settled(): Partial<IRowsState> {
    return {
      loading: false,
      error: null,
      queryError: null,
      columns: columnsOf(this.infos, this.state.rows?.discovered ?? [])
    };
  }

  private fail(error: unknown): void {
    const cause = asStudioError(error);
    if (cause.code === 'aborted') {
      return;
    }
    const query = cause.code === 'bad_query' || cause.field === 'where';
    this.set({
      loading: false,
      queryError: query ? cause : null,
      error: query ? null : error
    });
  }

  private async readColumns(
    signal: AbortSignal
  ): Promise<readonly ColumnInfo[]> {
    const { data } = await this.api.client.GET('/experiments/{name}/columns', {
      params: { path: { name: this.experiment } },
      signal
    });
    return data?.items ?? [];
  }

  private async read(
    ask: { offset: number; limit: number; order: string[]; columns?: string[] },
    where: string,
    signal: AbortSignal
  ): Promise<IDecodedPage> {
    const body: TableRequest = {
      scope: { experiment: this.experiment },
      where: where.trim() === '' ? null : where,
      order: ask.order.slice(0, 8),
      columns: ask.columns ?? this.asked(),
      offset: ask.offset,
      limit: ask.limit
    };
    const { data } = await this.api.client.POST('/tables', { body, signal });
    if (data === undefined) {
      throw asStudioError(new Error('empty answer'));
    }
    return decodePage(data);
  }

  /** null is every column with metrics' last; named only when there is more to ask for. */
  private asked(): string[] | null {
    return this.extra.size === 0
      ? null
      : [
          ...new Set([
            ...this.infos.map(c => c.key),
            ...this.held,
            ...this.extra
          ])
        ];
  }

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.state.rows instanceof PagedRows) {
        this.state.rows.refresh();
      } else {
        void this.load();
      }
    }, REFRESH_MS);
  }

  private refreshColumns(): void {
    this.columnTimer ??= setTimeout(() => {
      this.columnTimer = undefined;
      void this.readColumns(this.abort.signal).then(
        infos => {
          this.infos = infos;
          this.set({
            columns: columnsOf(infos, this.state.rows?.discovered ?? [])
          });
        },
        () => undefined
      );
    }, 400);
  }

  private set(changes: Partial<IRowsState>): void {
    this.state = { ...this.state, ...changes };
    this.onChange();
  }

  private where: string;
  private keys: readonly ISortKey[];
  private wanted: IRowFilter;
  private infos: readonly ColumnInfo[] = [];
  private held = new Set<string>();
  private extra = new Set<string>();
  /** Events since a load began: its answer may be older than they are. */
  private late: ILiveEvent[] | null = null;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private columnTimer: ReturnType<typeof setTimeout> | undefined;
}

function isExtra(key: string): boolean {
  const metric = metricOf(key);
  return metric !== null && metric.stat !== 'last';
}
