import { describe, expect, it } from 'vitest';

import { Selection } from './selection';

const order = ['a', 'b', 'c', 'd', 'e'];
const nameAt = (row: number): readonly string[] => order.slice(row, row + 1);
const indexOf = (name: string): number => order.indexOf(name);
const names = (s: Selection): string[] => [...s.names].sort();

describe('selecting rows', () => {
  it('takes one row alone, and toggles more', () => {
    const one = Selection.empty.only('b');
    expect(names(one)).toEqual(['b']);
    expect(names(one.toggle('d'))).toEqual(['b', 'd']);
    expect(names(one.toggle('b'))).toEqual([]);
  });

  it('takes the range from the anchor, in both directions, and replaces the last range', () => {
    const from = Selection.empty.only('c');
    expect(names(from.range(4, nameAt, indexOf))).toEqual(['c', 'd', 'e']);
    expect(
      names(from.range(4, nameAt, indexOf).range(0, nameAt, indexOf))
    ).toEqual(['a', 'b', 'c']);
  });

  it('adds a range to what is there', () => {
    const start = Selection.of(['a']).toggle('d');
    expect(names(start.range(4, nameAt, indexOf, true))).toEqual([
      'a',
      'd',
      'e'
    ]);
  });

  it('takes one row when the anchor is gone or was never set', () => {
    expect(names(Selection.empty.range(2, nameAt, indexOf))).toEqual(['c']);
    expect(
      names(Selection.empty.only('gone').range(2, nameAt, indexOf))
    ).toEqual(['c']);
    expect(names(Selection.empty.only('a').range(99, nameAt, indexOf))).toEqual(
      ['a']
    );
  });

  it('takes a whole group, and lets it go', () => {
    const group = Selection.of(['a', 'x']).toggleAll(['a', 'b']);
    expect(names(group)).toEqual(['a', 'b', 'x']);
    expect(names(group.toggleAll(['a', 'b']))).toEqual(['x']);
  });

  it('selects all that are loaded, clears, and forgets rows that are gone', () => {
    const all = Selection.empty.all(7, nameAt);
    expect(names(all)).toEqual(order);
    expect(all.clear().size).toBe(0);
    expect(names(all.without(['c']))).toEqual(['a', 'b', 'd', 'e']);
    expect(names(all.without(['c', 'unknown', 'a']))).toEqual(['b', 'd', 'e']);
    expect(all.without(['unknown'])).toBe(all);
    expect(Selection.empty.clear()).toBe(Selection.empty);
  });
});
