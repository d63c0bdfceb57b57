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

/** A line that stands for several rows. */
export interface IGroupLine {
  readonly id: string;
  /** 0 for the outermost. */
  readonly depth: number;
  /** The column whose value its rows share, and that value (of a time: its day). */
  readonly key: string;
  readonly value: Cell;
  readonly count: number;
  readonly open: boolean;
}

/** What the rows of a group have to say in a column. Bars are shares of all shown rows' band. */
export type Summary =
  | { readonly kind: 'same'; readonly value: Cell; readonly missing: number }
  | {
      readonly kind: 'many';
      readonly distinct: number;
      readonly missing: number;
    }
  | {
      readonly kind: 'numbers';
      readonly mean: number;
      readonly min: number;
      readonly max: number;
      readonly missing: number;
      readonly bar: {
        readonly from: number;
        readonly to: number;
        readonly mean: number;
      };
    };

/** The name of a component without the ending that a job's component has. */
export const ownName = (name: string): string =>
  name.replace(/-aws-(training|processing)-job$/, '');

/** Rows for a table, one a line unless they are grouped. All reads are synchronous; what is not here yet is `undefined`. */
export interface IRowSource {
  /** Lines: rows that pass the filter, or groups and the rows of open ones. */
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
  /** The row's name; undefined where it is not loaded, and at a group. */
  nameAt(row: number): string | undefined;
  /** What the line is known by while it exists: its name, or its group's id. */
  idAt(row: number): string | undefined;
  /** The row's name, or those of all rows of the group. */
  namesAt(row: number): readonly string[];
  /** How many of a line's rows are among these names. */
  selectedAt(row: number, names: ReadonlySet<string>): number;
  /** The group at this line; undefined at a row. */
  groupAt(row: number): IGroupLine | undefined;
  /** The cell of a group; undefined at a row and while the column is not loaded. */
  summaryAt(row: number, key: string): Summary | undefined;
  /** How deep a line stands, and the line of the group that it stands in or -1. */
  levelOf(row: number): number;
  parentOf(row: number): number;
  /** The rows without groups; itself where there are none. */
  readonly flat: IRowSource;
  /** What a row is called on the screen: its display name, unless another row has the same. */
  labelOf(name: string): string;
  cell(row: number, key: string): Cell;
  /** The present line of an id; -1 when filtered out, in a closed group, gone or not loaded. */
  indexOf(id: string): number;
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

/** What a source without groups answers about them. */
export abstract class UngroupedRows {
  get flat(): this {
    return this;
  }

  idAt(row: number): string | undefined {
    return this.nameAt(row);
  }

  namesAt(row: number): readonly string[] {
    const name = this.nameAt(row);
    return name === undefined ? [] : [name];
  }

  selectedAt(row: number, names: ReadonlySet<string>): number {
    return this.namesAt(row).filter(name => names.has(name)).length;
  }

  groupAt(_row: number): IGroupLine | undefined {
    return undefined;
  }

  summaryAt(_row: number, _key: string): Summary | undefined {
    return undefined;
  }

  levelOf(_row: number): number {
    return 0;
  }

  parentOf(_row: number): number {
    return -1;
  }

  abstract nameAt(row: number): string | undefined;
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
