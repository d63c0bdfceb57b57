/**
 * Up to 20,000 rows, all in the browser: columns as typed arrays, order as an index permutation.
 *
 * Sorting never moves values: it sorts a Uint32Array of row numbers. Not finite numbers stand
 * after finite ones and missing values last, in both directions; ties keep the server's order.
 * Cost: 10,000 rows by two keys in about 15 ms.
 */
import type { ISortKey } from './columns';
import {
  MutableColumn,
  columnOf,
  emptyColumn,
  type IColumnOrder
} from './localColumn';
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

const NONE = 0xffffffff;

/** Some columns of all rows. */
export interface IRowBlock {
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, readonly Cell[]>;
}

export class LocalRows extends UngroupedRows implements IRowSource {
  constructor(page?: IDecodedPage) {
    super();
    if (page !== undefined) {
      this.load(page);
      this.settle();
    }
  }

  readonly complete = true;

  get count(): number {
    return this.view.length;
  }

  get total(): number {
    return this.index.size;
  }

  get version(): number {
    return this.notifier.version;
  }

  get discovered(): readonly string[] {
    return this.unknown;
  }

  subscribe = (listener: () => void): (() => void) =>
    this.notifier.subscribe(listener);

  /** Take a new page as the whole truth; order and filter stay. */
  replace(page: IDecodedPage): void {
    this.load(page);
    this.notifier.flush();
  }

  /** Take columns of a page that came later; rows that are not here are left out. */
  merge(page: IDecodedPage): void {
    const same =
      page.names.length === this.names.length &&
      page.names.every((name, i) => name === this.names[i]);
    const places = same
      ? []
      : page.names.map(name => this.index.get(name) ?? NONE);
    for (const [key, column] of page.columns) {
      const fresh = columnOf(column);
      this.columns.set(
        key,
        same ? fresh : fresh.scattered(places, this.names.length)
      );
    }
    this.unknown = this.unknown.filter(key => !page.columns.has(key));
    this.fitted = null;
    this.shared = null;
    this.notifier.flush();
  }

  ensure(): void {
    // Everything is here.
  }

  nameAt(row: number): string | undefined {
    return row < this.view.length ? this.names[this.view[row]] : undefined;
  }

  cell(row: number, key: string): Cell {
    if (row >= this.view.length) {
      return undefined;
    }
    const at = this.view[row];
    if (key === 'name') {
      return this.names[at];
    }
    return this.columns.get(key)?.get(at);
  }

  labelOf(name: string): string {
    const shown = this.columns.get('display_name');
    const label = shown?.get(this.index.get(name) ?? -1);
    if (typeof label !== 'string' || label === '') {
      return ownName(name);
    }
    if (this.shared === null) {
      const seen = new Set<string>();
      this.shared = new Set();
      for (let at = 0; at < this.names.length; at++) {
        const one = shown?.get(at);
        if (typeof one === 'string') {
          (seen.has(one) ? this.shared : seen).add(one);
        }
      }
    }
    return this.shared.has(label) ? ownName(name) : label;
  }

  indexOf(name: string): number {
    const at = this.index.get(name);
    if (at === undefined) {
      return -1;
    }
    if (this.place === null) {
      this.place = new Uint32Array(this.names.length).fill(NONE);
      for (let i = 0; i < this.view.length; i++) {
        this.place[this.view[i]] = i;
      }
    }
    const place = this.place[at];
    return place === NONE || place === undefined ? -1 : place;
  }

  has(name: string): boolean {
    return this.index.has(name);
  }

  changedAt(row: number, key: string): number {
    const name = this.nameAt(row);
    return name === undefined ? 0 : this.changedOf(name, key);
  }

  changedOf(name: string, key: string): number {
    return this.flashes.get(name, key);
  }

  sort(keys: readonly ISortKey[]): void {
    this.keys = keys;
    this.notifier.flush();
  }

  filter(filter: IRowFilter): void {
    this.wanted = filter;
    this.notifier.flush();
  }

  patch(name: string, cells: Cells): void {
    let at = this.index.get(name);
    const fresh = at === undefined;
    if (at === undefined) {
      at = this.names.length;
      this.names.push(name);
      this.index.set(name, at);
      this.fitted = null;
      this.shared = null;
    }
    const now = performance.now();
    for (const [key, value] of Object.entries(cells)) {
      if (key === 'name') {
        continue;
      }
      let column = this.columns.get(key);
      if (column === undefined) {
        column = emptyColumn(key, value);
        this.columns.set(key, column);
        this.unknown = [...this.unknown, key];
      }
      const changed = column.set(at, value);
      if (changed && key === 'display_name') {
        this.fitted = null;
        this.shared = null;
      }
      if (changed && !fresh) {
        this.flashes.mark(name, key, now);
      }
    }
    if (fresh) {
      this.flashes.mark(name, 'name', now);
    }
    this.notifier.soon();
  }

  remove(name: string): void {
    if (this.index.delete(name)) {
      this.notifier.soon();
    }
  }

  /** Sort, filter and tell now, without waiting for the timer. */
  flush(): void {
    this.notifier.flush();
  }

  /**
   * Columns over rows in the shown order, for charts.
   *
   * @param brushed false leaves the filter by names out: a chart that brushes must keep drawing
   * what it brushed away.
   */
  extract(keys: readonly string[], brushed: boolean): IRowBlock {
    const rows = brushed ? this.view : this.ordered(this.matching(false));
    const names = Array.from(rows, at => this.names[at]);
    const columns = new Map<string, Cell[]>();
    for (const key of keys) {
      const column = this.columns.get(key);
      columns.set(
        key,
        key === 'name' ? names : Array.from(rows, at => column?.get(at) ?? null)
      );
    }
    return { names, columns };
  }

  dispose(): void {
    this.notifier.cancel();
  }

  private load(page: IDecodedPage): void {
    this.names = [...page.names];
    this.index = new Map(page.names.map((name, i) => [name, i]));
    this.columns = new Map();
    this.unknown = [];
    this.fitted = null;
    this.shared = null;
    for (const [key, column] of page.columns) {
      this.columns.set(key, columnOf(column));
    }
  }

  /** Bring filter and order up to date with values. */
  private settle = (): void => {
    this.place = null;
    this.view = this.ordered(this.matching(true));
  };

  private ordered(rows: Uint32Array): Uint32Array {
    const compare = this.comparator();
    return compare === null ? rows : rows.sort(compare);
  }

  private matching(brushed: boolean): Uint32Array {
    const { text } = this.wanted;
    const names = brushed ? this.wanted.names : null;
    const needle = text.trim().toLowerCase();
    const out = new Uint32Array(this.names.length);
    const shown = this.columns.get('display_name');
    let n = 0;
    for (let at = 0; at < this.names.length; at++) {
      const name = this.names[at];
      if (this.index.get(name) !== at || (names !== null && !names.has(name))) {
        continue;
      }
      if (needle !== '' && !name.toLowerCase().includes(needle)) {
        const other = shown?.get(at);
        if (
          typeof other !== 'string' ||
          !other.toLowerCase().includes(needle)
        ) {
          continue;
        }
      }
      out[n++] = at;
    }
    return out.slice(0, n);
  }

  private comparator(): ((a: number, b: number) => number) | null {
    const parts = this.keys.flatMap(({ key, desc }) => {
      const compare =
        key === 'name'
          ? this.nameOrder()
          : this.columns.get(key)?.order(this.names.length);
      return compare === undefined ? [] : [{ ...compare, sign: desc ? -1 : 1 }];
    });
    if (parts.length === 0) {
      return null;
    }
    return (a, b) => {
      for (const { shelves, values, sign } of parts) {
        const d = shelves[a] - shelves[b];
        if (d !== 0) {
          return d;
        }
        if (shelves[a] === 0) {
          const v = values[a] - values[b];
          if (v !== 0) {
            return v * sign;
          }
        }
      }
      return a - b;
    };
  }

  private nameOrder(): IColumnOrder {
    // A row is sorted by what stands in its first cell: the display name where it has one.
    this.fitted ??= MutableColumn.ofTexts(
      'name',
      this.names.map(name => this.labelOf(name))
    );
    return this.fitted.order(this.names.length);
  }

  /** Rows in the shown order, by their place in the columns; for grouping. */
  get order(): Uint32Array {
    return this.view;
  }

  /** A column as it is held, or undefined while it is not. */
  column(key: string): MutableColumn | undefined {
    return this.columns.get(key);
  }

  get sortKeys(): readonly ISortKey[] {
    return this.keys;
  }

  nameOf(place: number): string {
    return this.names[place];
  }

  private names: string[] = [];
  private index = new Map<string, number>();
  private columns = new Map<string, MutableColumn>();
  private unknown: string[] = [];
  private fitted: MutableColumn | null = null;
  /** Display names that several rows have. */
  private shared: Set<string> | null = null;
  private view = new Uint32Array(0);
  private place: Uint32Array | null = null;
  private keys: readonly ISortKey[] = [];
  private wanted: IRowFilter = NO_FILTER;
  private flashes = new Flashes();
  private notifier = new Notifier(() => this.settle());
}
