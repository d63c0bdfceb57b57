/**
 * Rows gathered under lines of equal values, over rows that are all in the browser.
 *
 * A group line stands over its rows; closed, it stands alone. Lines keep their id while their
 * values exist, so that focus, scroll and what is open survive live changes. Numbers are summed up
 * by mean and extremes (finite values only), texts by what they have in common.
 * Cost: 10,000 rows in two levels in about 10 ms; summaries are computed for cells in sight.
 */
import type { ISortKey } from './columns';
import {
  bucketOf,
  byValue,
  extremes,
  isTime,
  meanOf,
  summarize
} from './groupMath';
import type { MutableColumn } from './localColumn';
import type { LocalRows } from './localRows';
import type {
  Cells,
  IGroupLine,
  IRowFilter,
  IRowSource,
  Summary
} from './rowSource';
import type { Cell } from './values';

/** Columns that rows are grouped by at most. */
export const MOST_LEVELS = 5;

/** Which groups are open: all but the exceptions, or none but them. */
export interface IOpenGroups {
  readonly all: boolean;
  /** Ids of groups that are not as `all` says. */
  readonly except: readonly string[];
}

export const CLOSED: IOpenGroups = { all: false, except: [] };

/** Open a closed group, or close an open one. */
export function toggleGroup(open: IOpenGroups, id: string): IOpenGroups {
  const others = open.except.filter(one => one !== id);
  return {
    ...open,
    except: others.length < open.except.length ? others : [...others, id]
  };
}

interface INode {
  readonly id: string;
  readonly depth: number;
  readonly key: string;
  readonly value: Cell;
  /** Places of its rows, in the shown order. */
  readonly places: number[];
  readonly parent: INode | null;
  children: INode[];
}

const ROOT = '\u0001';

const spell = (value: Cell): string =>
  value === null ? '-' : typeof value === 'number' ? `n${value}` : `s${value}`;

export class GroupedRows implements IRowSource {
  constructor(
    readonly flat: LocalRows,
    readonly keys: readonly string[],
    private open: IOpenGroups = CLOSED
  ) {
    this.except = new Set(open.except);
  }

  readonly complete = true;

  /** Lines: groups, and rows of open groups. */
  get count(): number {
    return this.built().lines.length;
  }

  get total(): number {
    return this.flat.total;
  }

  get version(): number {
    return this.flat.version + this.turns;
  }

  get discovered(): readonly string[] {
    return this.flat.discovered;
  }

  subscribe = (listener: () => void): (() => void) => {
    const drop = this.flat.subscribe(listener);
    this.listeners.add(listener);
    return () => {
      drop();
      this.listeners.delete(listener);
    };
  };

  setOpen(open: IOpenGroups): void {
    if (open !== this.open) {
      this.open = open;
      this.except = new Set(open.except);
      this.turns += 1;
      [...this.listeners].forEach(listener => listener());
    }
  }

  /** What must be open for a row to be seen. */
  openFor(name: string): IOpenGroups {
    let open = this.open;
    this.built();
    let nodes: readonly INode[] = this.tree?.nodes ?? [];
    while (nodes.length > 0) {
      const home = nodes.find(node =>
        node.places.some(place => this.flat.nameOf(place) === name)
      );
      if (home !== undefined && !this.isOpen(home.id)) {
        open = toggleGroup(open, home.id);
      }
      nodes = home?.children ?? [];
    }
    return open;
  }

  ensure(): void {
    // Everything is here.
  }

  nameAt(row: number): string | undefined {
    const line = this.built().lines[row];
    return typeof line === 'number' ? this.flat.nameOf(line) : undefined;
  }

  idAt(row: number): string | undefined {
    const line = this.built().lines[row];
    return typeof line === 'number' ? this.flat.nameOf(line) : line?.id;
  }

  groupAt(row: number): IGroupLine | undefined {
    const line = this.built().lines[row];
    return line === undefined || typeof line === 'number'
      ? undefined
      : {
          id: line.id,
          depth: line.depth,
          key: line.key,
          value: line.value,
          count: line.places.length,
          open: this.isOpen(line.id)
        };
  }

  parentOf(row: number): number {
    const { lines, depths } = this.built();
    for (let at = row - 1; at >= 0; at--) {
      if (typeof lines[at] === 'object' && depths[at] < depths[row]) {
        return at;
      }
    }
    return -1;
  }

  levelOf(row: number): number {
    return this.built().depths[row] ?? 0;
  }

  namesAt(row: number): readonly string[] {
    const line = this.built().lines[row];
    if (line === undefined) {
      return [];
    }
    return typeof line === 'number'
      ? [this.flat.nameOf(line)]
      : line.places.map(place => this.flat.nameOf(place));
  }

  selectedAt(row: number, names: ReadonlySet<string>): number {
    const line = this.built().lines[row];
    if (names.size === 0 || line === undefined) {
      return 0;
    }
    const places = typeof line === 'number' ? [line] : line.places;
    let count = 0;
    for (const place of places) {
      count += names.has(this.flat.nameOf(place)) ? 1 : 0;
    }
    return count;
  }

  labelOf(name: string): string {
    return this.flat.labelOf(name);
  }

  cell(row: number, key: string): Cell {
    const line = this.built().lines[row];
    if (typeof line !== 'number') {
      return null;
    }
    return key === 'name'
      ? this.flat.nameOf(line)
      : this.flat.column(key)?.get(line);
  }

  /** What the rows of a group have to say in a column. */
  summaryAt(row: number, key: string): Summary | undefined {
    const line = this.built().lines[row];
    if (line === undefined || typeof line === 'number') {
      return undefined;
    }
    const column = this.flat.column(key);
    if (column === undefined) {
      return undefined;
    }
    const held = this.summaries.get(key) ?? new Map<string, Summary>();
    this.summaries.set(key, held);
    let summary = held.get(line.id);
    if (summary === undefined) {
      summary = summarize(column, line.places, () => this.bandOf(key, column));
      held.set(line.id, summary);
    }
    return summary;
  }

  indexOf(id: string): number {
    const built = this.built();
    if (built.at === null) {
      built.at = new Map(
        built.lines.map((line, i) => [
          typeof line === 'number' ? this.flat.nameOf(line) : line.id,
          i
        ])
      );
    }
    return built.at.get(id) ?? -1;
  }

  has(name: string): boolean {
    return this.flat.has(name);
  }

  changedAt(row: number, key: string): number {
    const name = this.nameAt(row);
    return name === undefined ? 0 : this.flat.changedOf(name, key);
  }

  sort(keys: readonly ISortKey[]): void {
    this.flat.sort(keys);
  }

  filter(filter: IRowFilter): void {
    this.flat.filter(filter);
  }

  patch(name: string, cells: Cells): void {
    this.flat.patch(name, cells);
  }

  remove(name: string): void {
    this.flat.remove(name);
  }

  dispose(): void {
    this.listeners.clear();
  }

  private isOpen(id: string): boolean {
    return this.open.all !== this.except.has(id);
  }

  /** The lowest and highest finite value of all shown rows, for the bars. */
  private bandOf(key: string, column: MutableColumn): [number, number] {
    let band = this.bands.get(key);
    if (band === undefined) {
      band = extremes(column, this.flat.order);
      this.bands.set(key, band);
    }
    return band;
  }

  private built(): ILines {
    if (this.tree === null || this.tree.version !== this.flat.version) {
      this.tree = { version: this.flat.version, nodes: this.split() };
      this.summaries.clear();
      this.bands.clear();
      this.lines = null;
    }
    if (this.lines === null || this.lines.version !== this.version) {
      this.lines = this.flatten(this.tree.nodes);
    }
    return this.lines;
  }

  private split(): INode[] {
    const columns = this.keys.map(key => this.flat.column(key));
    const level = (
      places: Iterable<number>,
      depth: number,
      parent: INode | null
    ): INode[] => {
      const key = this.keys[depth];
      const byDay = isTime(key);
      const nodes = new Map<Cell, INode>();
      for (const place of places) {
        const cell =
          key === 'name'
            ? this.flat.nameOf(place)
            : (columns[depth]?.get(place) ?? null);
        const value = bucketOf(cell, byDay);
        let node = nodes.get(value);
        if (node === undefined) {
          const id = `${parent?.id ?? ROOT}${key}=${spell(value)}${ROOT}`;
          node = { id, depth, key, value, places: [], parent, children: [] };
          nodes.set(value, node);
        }
        node.places.push(place);
      }
      const all = this.ordered([...nodes.values()], key);
      if (depth + 1 < this.keys.length) {
        for (const node of all) {
          node.children = level(node.places, depth + 1, node);
        }
      }
      return all;
    };
    return level(this.flat.order, 0, null);
  }

  /** By their value where it is sorted by or nothing is; else by what the first sort key says. */
  private ordered(nodes: INode[], key: string): INode[] {
    const first = this.flat.sortKeys[0];
    const own = this.flat.sortKeys.find(k => k.key === key);
    if (own !== undefined || first === undefined) {
      return nodes.sort((a, b) =>
        byValue(a.value, b.value, own?.desc ?? false)
      );
    }
    const column = this.flat.column(first.key);
    if (column?.kind !== 'float' || isTime(first.key)) {
      return nodes; // They stand as their first rows do.
    }
    const means = new Map(
      nodes.map(node => [node, meanOf(column, node.places)])
    );
    return nodes.sort((a, b) =>
      byValue(means.get(a) ?? null, means.get(b) ?? null, first.desc)
    );
  }

  private flatten(nodes: readonly INode[]): ILines {
    const lines: (INode | number)[] = [];
    const depths: number[] = [];
    const add = (node: INode): void => {
      lines.push(node);
      depths.push(node.depth);
      if (!this.isOpen(node.id)) {
        return;
      }
      if (node.children.length > 0) {
        node.children.forEach(add);
        return;
      }
      for (const place of node.places) {
        lines.push(place);
        depths.push(node.depth + 1);
      }
    };
    nodes.forEach(add);
    return { version: this.version, lines, depths, at: null };
  }

  private except: ReadonlySet<string>;
  private turns = 0;
  private listeners = new Set<() => void>();
  private tree: { version: number; nodes: INode[] } | null = null;
  private lines: ILines | null = null;
  private summaries = new Map<string, Map<string, Summary>>();
  private bands = new Map<string, [number, number]>();
}

interface ILines {
  readonly version: number;
  /** A group, or the place of a row. */
  readonly lines: readonly (INode | number)[];
  readonly depths: readonly number[];
  at: Map<string, number> | null;
}
