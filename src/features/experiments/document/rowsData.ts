/**
 * The rows of an experiment: read from the server, kept alive by the socket.
 *
 * First 200 rows of the columns in sight, so that something stands there at once; then all of them
 * where they are at most 20,000, or pages on demand above that. Other columns are read when
 * somebody needs them. Events patch cells; a row whose fate under the query only the server can
 * tell leads to one new reading, however many such rows there are.
 */
import { asStudioError } from '../../../api/errors';
import type { IDecodedPage } from '../../../api/decode';
import {
  formatSort,
  LocalRows,
  PagedRows,
  type Cells,
  type IColumn,
  type IRowFilter,
  type IRowSource,
  type ISortKey
} from '../../../components/table';
import type { ILiveEvent, IStudioApi } from '../../../tokens';
import { awhile, ColumnFeed } from './columnFeed';
import { columnsOf, type IColumnList } from './columnList';
import { Late } from './late';
import { combineWhere } from './query';
import { IN_BROWSER, RowsReader, type RowState } from './rowsReader';
import {
  firstShown,
  isTrue,
  NO_ROWS_YET,
  type IRowsStart,
  type IRowsState
} from './rowsState';

const FIRST = 200;
/** Columns that one request of more columns asks for. */
const CHUNK = 40;
/** New readings because of events come at most so often. */
const REFRESH_MS = 1500;
/** What the table's own words need: labels, waiting rows, stars. */
const CORE = ['display_name', 'status', 'started', 'starred'];

export class RowsData {
  constructor(
    api: IStudioApi,
    readonly experiment: string,
    private readonly onChange: () => void,
    start: IRowsStart
  ) {
    this.reader = new RowsReader(api, experiment);
    this.feed = new ColumnFeed(this.reader, list => this.take(list));
    this.where = start.where;
    this.keys = start.sort;
    this.wanted = start.filter;
    this.rowState = start.state ?? 'active';
    this.first = start.first ?? firstShown;
  }

  state: IRowsState = NO_ROWS_YET;

  /** Look at other rows: those of a query, and active, archived or deleted ones. */
  look(where: string, state: RowState): void {
    if (state !== this.rowState) {
      // They are other rows altogether: what stands there must not look as if it were them.
      this.state.rows?.dispose();
      this.state = { ...this.state, rows: null };
    }
    this.where = where;
    this.rowState = state;
    void this.load();
  }

  setSort(keys: readonly ISortKey[]): void {
    this.keys = keys;
    this.state.rows?.sort(keys);
    this.fill();
  }

  setFilter(filter: IRowFilter): void {
    this.wanted = filter;
    this.state.rows?.filter(filter);
  }

  /** Columns that somebody draws: those that are not here yet are read. */
  need(keys: readonly string[], who = 'view'): void {
    this.needs.set(who, keys);
    this.fill();
  }

  /** Columns of the server whose key holds the text, those among them that are not listed. */
  async findColumns(
    text: string,
    signal: AbortSignal
  ): Promise<readonly IColumn[]> {
    return this.reader.find(text, signal);
  }

  /** Columns that a view names: they are in the list even where it is cut. */
  name(keys: readonly string[]): void {
    if (keys.join('\n') !== this.named.join('\n')) {
      this.named = keys;
      this.set({ columns: this.list() });
    }
  }

  /** Read columns and rows. What is shown stays until the answer is here. */
  load = async (): Promise<void> => {
    if (this.closed) {
      return; // A change was undone after its page was closed.
    }
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const late = this.late.begin();
    this.set({ loading: true });
    try {
      const listed = this.feed.first(signal);
      await awhile(listed);
      await this.readRows(signal, late);
      this.set({ columns: this.list() });
      await listed;
      const columns = this.list();
      this.set({ columns, loading: false, error: null, queryError: null });
    } catch (error) {
      if (!signal.aborted) {
        this.fail(error);
        this.set({ loading: false }); // given up by somebody else: nothing is on its way
      }
    }
    this.late.end(late);
    if (!signal.aborted) {
      this.fill();
    }
  };

  onEvent = (event: ILiveEvent): void => {
    this.late.keep(event);
    this.apply(event);
  };

  dispose(): void {
    this.closed = true;
    this.feed.dispose();
    this.abort.abort();
    this.state.rows?.dispose();
    clearTimeout(this.timer);
  }

  /** All rows of some columns, for charts, when rows are paged. */
  async sample(
    keys: readonly string[],
    signal: AbortSignal
  ): Promise<LocalRows> {
    const ask = { columns: [...keys, 'display_name'], limit: IN_BROWSER };
    const where = combineWhere(this.shown, this.wanted.text);
    return new LocalRows(await this.read({ ...ask, where }, signal));
  }

  private async readRows(
    signal: AbortSignal,
    late: readonly ILiveEvent[]
  ): Promise<void> {
    const { rows } = this.state;
    const columns = this.wantedKeys();
    // A table that stands there is replaced as a whole, or its scroll would jump.
    const limit =
      rows instanceof LocalRows && rows.total > FIRST ? IN_BROWSER : FIRST;
    const first = await this.read({ columns, limit }, signal);
    this.show(first, columns, late);
    if (first.total > first.rows && first.total <= IN_BROWSER) {
      this.set({ columns: this.list() });
      const all = await this.read({ columns, limit: IN_BROWSER }, signal);
      this.show(all, columns, late);
    }
  }

  /** Read columns that are needed and not here; a few at a time, until all are. */
  private fill(): void {
    const { rows } = this.state;
    const missing = this.wantedKeys().filter(key => !this.held.has(key));
    if (rows === null || this.filling || missing.length === 0) {
      return;
    }
    if (rows instanceof PagedRows) {
      missing.forEach(key => this.held.add(key));
      rows.refresh();
    } else if (rows instanceof LocalRows && !this.state.loading) {
      void this.fillLocal(rows, missing.slice(0, CHUNK));
    }
  }

  private async fillLocal(
    rows: LocalRows,
    columns: readonly string[]
  ): Promise<void> {
    const { signal } = this.abort;
    const late = this.late.begin();
    this.filling = true;
    let done = false;
    try {
      const ask = { columns, limit: IN_BROWSER, where: this.shown };
      const page = await this.read(ask, signal);
      if (!signal.aborted) {
        rows.merge(page);
        columns.forEach(key => this.held.add(key));
        late.forEach(event => this.apply(event));
        done = true;
      }
    } catch (error) {
      if (!signal.aborted) {
        this.fail(error);
      }
    }
    this.late.end(late);
    this.filling = false;
    if (done || signal.aborted) {
      this.fill();
    }
  }

  private wantedKeys(): string[] {
    const needs =
      this.needs.size === 0
        ? this.first(this.state.columns)
        : [...this.needs.values()].flat();
    return [
      ...new Set([...CORE, ...this.keys.map(k => k.key), ...needs])
    ].filter(key => key !== 'name');
  }

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
        if (name !== null && this.rowState !== 'deleted') {
          rows?.remove(name);
        } else {
          this.refreshSoon();
        }
        break;
      case 'columns.changed':
        this.feed.again();
        break;
      case 'invalidate':
        this.feed.again();
        this.refreshSoon();
        break;
    }
  }

  private patch(
    rows: IRowSource,
    type: string,
    name: string,
    cells: Cells
  ): void {
    const known = rows.has(name);
    const open = this.where.trim() === '' && this.rowState === 'active';
    const leaves =
      this.rowState !== 'deleted' &&
      'archived' in cells &&
      isTrue(cells.archived) !== (this.rowState === 'archived');
    if (known && leaves) {
      rows.remove(name);
      return;
    }
    if (known || (type === 'component.created' && open && rows.complete)) {
      const before = rows.discovered.length;
      rows.patch(name, cells);
      if (rows.discovered.length !== before) {
        this.set({ columns: this.list() });
      }
    }
    if (!known && !rows.complete) {
      rows.patch(name, cells);
    } else if (!open || (!known && type === 'component.updated')) {
      this.refreshSoon();
    }
  }

  private show(
    page: IDecodedPage,
    keys: readonly string[],
    late: readonly ILiveEvent[]
  ): void {
    this.held = new Set(keys);
    this.shown = this.where;
    const { rows } = this.state;
    if (page.total > IN_BROWSER) {
      rows?.dispose();
      const paged = new PagedRows(
        (ask, signal) => {
          const where = combineWhere(this.shown, ask.filter.text);
          return this.read({ ...ask, where, columns: [...this.held] }, signal);
        },
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
    late.forEach(event => this.apply(event));
  }

  private read(
    ask: {
      columns: readonly string[];
      limit: number;
      offset?: number;
      where?: string;
      order?: readonly string[];
    },
    signal: AbortSignal
  ): Promise<IDecodedPage> {
    const { where, keys, rowState: state } = this;
    const order = formatSort(keys);
    return this.reader.page({ where, order, offset: 0, state, ...ask }, signal);
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

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.state.loading) {
        this.refreshSoon(); // A reading that takes longer than events come apart must end, too.
      } else if (this.state.rows instanceof PagedRows) {
        this.state.rows.refresh();
      } else {
        void this.load();
      }
    }, REFRESH_MS);
  }

  private take(list: IColumnList): void {
    const { items: infos, totals = {} } = list;
    this.state = { ...this.state, infos, totals: { ...totals } };
    this.set({ columns: this.list() });
  }

  /** The list of columns; the same array as long as nothing about it changed. */
  private list(): readonly IColumn[] {
    const { columns, infos, rows, totals } = this.state;
    const next = columnsOf(infos, rows?.discovered ?? [], this.named, totals);
    return JSON.stringify(next) === JSON.stringify(columns) ? columns : next;
  }

  private set(changes: Partial<IRowsState>): void {
    this.state = { ...this.state, ...changes };
    this.onChange();
  }

  private readonly reader: RowsReader;
  private readonly feed: ColumnFeed;
  private readonly first: (columns: readonly IColumn[]) => readonly string[];
  private where: string;
  /** The query of the rows that stand there: a wrong one leaves the former rows. */
  private shown = '';
  private keys: readonly ISortKey[];
  private wanted: IRowFilter;
  private rowState: RowState;
  private needs = new Map<string, readonly string[]>();
  private named: readonly string[] = [];
  private held = new Set<string>();
  private late = new Late();
  private closed = false;
  private filling = false;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
}
