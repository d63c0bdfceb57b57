/**
 * Which rows are selected, by name, so that sorting and live rows never move a selection.
 *
 * Immutable: each operation returns a new selection (or the same one when nothing changed).
 * Range operations take the present order as a function, because it changes under the user.
 */

/** The names at a line: of a row one, of a group all, of what is not loaded none. */
export type NamesAt = (row: number) => readonly string[];

export class Selection {
  private constructor(
    readonly names: ReadonlySet<string>,
    /** Where a Shift range starts. */
    readonly anchor: string | null
  ) {}

  static readonly empty = new Selection(new Set(), null);

  static of(names: Iterable<string>): Selection {
    const set = new Set(names);
    return set.size === 0 ? Selection.empty : new Selection(set, null);
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  get size(): number {
    return this.names.size;
  }

  /** A plain click: this row alone. */
  only(name: string): Selection {
    return new Selection(new Set([name]), name);
  }

  /** Ctrl+click, Space, checkbox. */
  toggle(name: string): Selection {
    const next = new Set(this.names);
    if (!next.delete(name)) {
      next.add(name);
    }
    return new Selection(next, name);
  }

  /** A group's check box: all of these, or none where all are selected. */
  toggleAll(names: readonly string[]): Selection {
    const next = new Set(this.names);
    if (names.every(name => next.has(name))) {
      names.forEach(name => next.delete(name));
    } else {
      names.forEach(name => next.add(name));
    }
    return new Selection(next, this.anchor);
  }

  /** Shift+click: from the anchor to here; `add` keeps the rest. */
  range(
    to: number,
    namesAt: NamesAt,
    indexOf: (name: string) => number,
    add = false
  ): Selection {
    const from = this.anchor === null ? -1 : indexOf(this.anchor);
    const here = namesAt(to);
    if (here.length === 0) {
      return this;
    }
    if (from < 0 || this.anchor === null) {
      return add ? this.toggleAll(here) : new Selection(new Set(here), here[0]);
    }
    const next = new Set(add ? this.names : []);
    for (let i = Math.min(from, to); i <= Math.max(from, to); i++) {
      namesAt(i).forEach(name => next.add(name));
    }
    return new Selection(next, this.anchor);
  }

  /** Every row that is shown and loaded. */
  all(count: number, namesAt: NamesAt): Selection {
    const next = new Set(this.names);
    for (let i = 0; i < count; i++) {
      namesAt(i).forEach(name => next.add(name));
    }
    return new Selection(next, this.anchor);
  }

  clear(): Selection {
    return this.size === 0 && this.anchor === null ? this : Selection.empty;
  }

  /** Without rows that are gone. */
  without(gone: readonly string[]): Selection {
    if (!gone.some(name => this.names.has(name))) {
      return this;
    }
    const next = new Set(this.names);
    gone.forEach(name => next.delete(name));
    const { anchor } = this;
    const kept = anchor !== null && !gone.includes(anchor);
    return new Selection(next, kept ? anchor : null);
  }
}
