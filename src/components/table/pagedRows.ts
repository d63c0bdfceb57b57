/**
 * More rows than a browser should hold: pages of 200 from the server, 50 of them kept.
 *
 * The server sorts and filters; this keeps the pages near the eye. A row that is not here yet is
 * `undefined` and the table draws a placeholder. Pages asked for and no longer wanted are aborted
 * only when order or filter change: a page that arrives late is still a good page.
 */
import { formatSort, type ISortKey } from './columns';
import { columnOf, type MutableColumn } from './localColumn';
import {
  Flashes,
  NO_FILTER,
  Notifier,
  ownName,
  UngroupedRows,
  type Cells,
  type IDecodedPage,
  type IRowFilter,
  type IRowSource
} from './rowSource';
import type { Cell } from './values';

export const PAGE = 200;
const KEPT = 50;
/** After a live change of unknown place, wait so long before pages are read again. */
const REFRESH_MS = 2000;

/** Read rows `offset` to `offset + limit` in an order, with the quick filter applied. */
export type FetchPage = (
  ask: { offset: number; limit: number; order: string[]; filter: IRowFilter },
  signal: AbortSignal
) => Promise<IDecodedPage>;

interface IPage {
  names: string[];
  columns: Map<string, MutableColumn>;
  used: number;
}

export class PagedRows extends UngroupedRows implements IRowSource {
  constructor(
    private readonly fetchPage: FetchPage,
    private readonly onError: (error: unknown) => void,
    total: number
  ) {
    super();
    this.rows = total;
  }

  readonly complete = false;
  readonly discovered: readonly string[] = [];

  get count(): number {
    return this.rows;
  }

  get total(): number {
    return this.rows;
  }

  get version(): number {
    return this.notifier.version;
  }

  subscribe = (listener: () => void): (() => void) =>
    this.notifier.subscribe(listener);

  ensure(start: number, end: number): void {
    const last = Math.min(end, this.rows);
    this.window = [start, last];
    for (let n = Math.floor(start / PAGE); n * PAGE < last; n++) {
      const page = this.pages.get(n);
      if (page !== undefined && !this.stale.has(n)) {
        page.used = ++this.clock;
      } else if (!this.asked.has(n)) {
        void this.fetch(n);
      }
    }
  }

  nameAt(row: number): string | undefined {
    return this.pages.get(Math.floor(row / PAGE))?.names[row % PAGE];
  }

  cell(row: number, key: string): Cell {
    const page = this.pages.get(Math.floor(row / PAGE));
    const at = row % PAGE;
    if (page === undefined || at >= page.names.length) {
      return undefined;
    }
    return key === 'name' ? page.names[at] : page.columns.get(key)?.get(at);
  }

  labelOf(name: string): string {
    const label = this.cell(this.indexOf(name), 'display_name');
    return typeof label === 'string' && label !== '' ? label : ownName(name);
  }

  indexOf(name: string): number {
    for (const [n, page] of this.pages) {
      const at = page.names.indexOf(name);
      if (at >= 0) {
        return n * PAGE + at;
      }
    }
    return -1;
  }

  has(name: string): boolean {
    return this.indexOf(name) >= 0;
  }

  changedAt(row: number, key: string): number {
    const name = this.nameAt(row);
    return name === undefined ? 0 : this.flashes.get(name, key);
  }

  sort(keys: readonly ISortKey[]): void {
    this.order = formatSort(keys);
    this.restart();
  }

  /** Grows when other rows pass the filter: what was read of all of them is of others. */
  filtered = 0;

  filter(filter: IRowFilter): void {
    this.filtered += filter.text === this.wanted.text ? 0 : 1;
    this.wanted = filter;
    this.restart();
  }

  patch(name: string, cells: Cells): void {
    const row = this.indexOf(name);
    const page = row < 0 ? undefined : this.pages.get(Math.floor(row / PAGE));
    if (page === undefined) {
      this.refreshSoon();
      return;
    }
    const now = performance.now();
    for (const [key, value] of Object.entries(cells)) {
      if (page.columns.get(key)?.set(row % PAGE, value)) {
        this.flashes.mark(name, key, now);
      }
      if (this.order.some(o => o === key || o === `-${key}`)) {
        this.refreshSoon();
      }
    }
    this.notifier.soon();
  }

  remove(): void {
    this.refreshSoon();
  }

  /** Read again what is visible, keeping it on the screen meanwhile. */
  refresh(): void {
    // What is on its way was asked for before: columns may have come, or values changed.
    this.turn += 1;
    this.stale = new Set(this.pages.keys());
    this.ensure(...this.window);
  }

  dispose(): void {
    this.abort.abort();
    this.notifier.cancel();
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
  }

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.refresh();
    }, REFRESH_MS);
  }

  private restart(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.asked.clear();
    this.reordered = true;
    this.stale = new Set(this.pages.keys());
    this.ensure(0, Math.max(this.window[1] - this.window[0], 1));
  }

  private async fetch(n: number): Promise<void> {
    this.asked.add(n);
    const { signal } = this.abort;
    const { turn } = this;
    try {
      const ask = {
        offset: n * PAGE,
        limit: PAGE,
        order: this.order,
        filter: this.wanted
      };
      const page = await this.fetchPage(ask, signal);
      if (!signal.aborted) {
        this.keep(n, page);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.onError(error);
      }
    } finally {
      if (!signal.aborted) {
        this.asked.delete(n);
        if (turn !== this.turn && this.pages.has(n)) {
          this.stale.add(n);
          this.ensure(...this.window);
        }
      }
    }
  }

  private keep(n: number, page: IDecodedPage): void {
    if (this.reordered) {
      // Pages of the former order are wrong the moment the first of the new one is here.
      this.reordered = false;
      this.pages.clear();
      this.stale.clear();
    }
    this.stale.delete(n);
    this.rows = page.total;
    const columns = new Map<string, MutableColumn>();
    for (const [key, column] of page.columns) {
      columns.set(key, columnOf(column));
    }
    this.pages.set(n, { names: [...page.names], columns, used: ++this.clock });
    this.evict();
    this.notifier.soon();
  }

  private evict(): void {
    const byAge = [...this.pages].sort(([, a], [, b]) => a.used - b.used);
    for (const [n] of byAge.slice(0, Math.max(0, byAge.length - KEPT))) {
      this.pages.delete(n);
    }
  }

  private rows: number;
  private pages = new Map<number, IPage>();
  private asked = new Set<number>();
  private stale = new Set<number>();
  private reordered = false;
  /** Grows when all pages are to be read again. */
  private turn = 0;
  private window: [number, number] = [0, PAGE];
  private order: string[] = [];
  private wanted: IRowFilter = NO_FILTER;
  private abort = new AbortController();
  private clock = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private flashes = new Flashes();
  private notifier = new Notifier();
}
