/**
 * The seam between a table and its rows.
 *
 * The table draws a window; a row source owns the rest. Two kinds stand behind it: `LocalRows`
 * holds up to 20,000 rows in the browser, `PagedRows` fetches pages from the server. Rows are
 * identified by name; their index is only the present place in the present order.
 */
import type { IDecodedPage } from '../../api/decode';
import type { ISortKey } from './columns';
import type { Cell } from './values';

export type { IDecodedPage };

/** What is shown of all rows. */
export interface IRowFilter {
  /** Part of the name or display name, in any case; empty shows all. */
  readonly text: string;
  /** Only these names (brushing in a chart); null shows all. */
  readonly names: ReadonlySet<string> | null;
}

export const NO_FILTER: IRowFilter = { text: '', names: null };

/** New values of one row, keyed by column. */
export type Cells = Readonly<Record<string, number | string | boolean | null>>;

/** The name of a component without the ending that a job's component has. */
export const ownName = (name: string): string =>
  name.replace(/-aws-(training|processing)-job$/, '');

/** Rows for a table. All reads are synchronous; what is not here yet is `undefined`. */
export interface IRowSource {
  /** Rows that pass the filter. */
  readonly count: number;
  /** Rows before the quick filter. */
  readonly total: number;
  /** Grows with every visible change; for useSyncExternalStore. */
  readonly version: number;
  /** Whether every row is here, so that charts may show them all. */
  readonly complete: boolean;
  /** Be told of changes, at most once per flush. */
  subscribe(listener: () => void): () => void;
  /** Ask for rows `start` to `end` (exclusive); a local source has them. */
  ensure(start: number, end: number): void;
  nameAt(row: number): string | undefined;
  /** What a row is called on the screen: its display name, unless another row has the same. */
  labelOf(name: string): string;
  cell(row: number, key: string): Cell;
  /** The present index of a name; -1 when filtered out, gone or not loaded. */
  indexOf(name: string): number;
  /** Whether a row of this name is here, shown or filtered out. */
  has(name: string): boolean;
  /** When a cell last changed by a live event (milliseconds, performance.now), or 0. */
  changedAt(row: number, key: string): number;
  sort(keys: readonly ISortKey[]): void;
  filter(filter: IRowFilter): void;
  /** A live event: new cells of a row; a row not seen before is added. */
  patch(name: string, cells: Cells): void;
  remove(name: string): void;
  /** Columns that live events brought and the server's list did not have yet. */
  readonly discovered: readonly string[];
  dispose(): void;
}

/** Cells that changed by live events in the last seconds: what flashes. */
export class Flashes {
  private at = new Map<string, number>();

  mark(name: string, key: string, now: number): void {
    if (this.at.size > 5000) {
      this.prune(now);
    }
    this.at.set(`${name}\u0000${key}`, now);
  }

  get(name: string, key: string): number {
    return this.at.get(`${name}\u0000${key}`) ?? 0;
  }

  private prune(now: number): void {
    for (const [id, at] of this.at) {
      if (now - at > 2000) {
        this.at.delete(id);
      }
    }
    if (this.at.size > 5000) {
      this.at.clear();
    }
  }
}

/** Tells listeners at most once per `delay`; `flush` tells them now. */
export class Notifier {
  version = 0;
  private listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly before: () => void = () => undefined,
    private readonly delay = 30
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Something changed; tell soon. */
  soon(): void {
    if (this.timer === null) {
      this.timer = setTimeout(this.flush, this.delay);
    }
  }

  flush = (): void => {
    this.cancel();
    this.before();
    this.version += 1;
    for (const listener of [...this.listeners]) {
      listener();
    }
  };

  cancel(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }
}
