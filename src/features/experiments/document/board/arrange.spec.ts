import { describe, expect, it } from 'vitest';

import {
  added,
  changed,
  clampHeight,
  columnsFor,
  dropPlace,
  duplicated,
  moved,
  removed,
  restored,
  shownCards
} from './arrange';
import { newCard, type ICard } from './model';

const cards: ICard[] = ['a', 'b', 'c', 'd'].map(id => newCard('bar', id));
const TITLE = 'x';
const ids = (all: readonly ICard[]): string => all.map(c => c.id).join('');

describe('the cards of a board', () => {
  it('are moved to a place, and no further than the ends', () => {
    expect(ids(moved(cards, 'a', 2))).toBe('bcad');
    expect(ids(moved(cards, 'd', 0))).toBe('dabc');
    expect(ids(moved(cards, 'b', -9))).toBe('bacd');
    expect(ids(moved(cards, 'b', 99))).toBe('acdb');
    expect(moved(cards, 'b', 1)).toBe(cards);
    expect(moved(cards, 'nobody', 1)).toBe(cards);
  });

  it('land before or behind the card they are dropped on', () => {
    const drop = (id: string, over: string, behind: boolean): string =>
      ids(moved(cards, id, dropPlace(cards, id, over, behind)));
    expect(drop('a', 'c', false)).toBe('bacd');
    expect(drop('a', 'c', true)).toBe('bcad');
    expect(drop('d', 'b', false)).toBe('adbc');
    expect(drop('d', 'b', true)).toBe('abdc');
    expect(drop('a', 'b', false)).toBe('abcd');
  });

  it('are added with an id of their own, copied behind the original, changed, removed and put back', () => {
    const more = added(cards, 'curves', { title: TITLE });
    expect(more[4]).toMatchObject({ kind: 'curves', title: TITLE });
    const copies = duplicated(more, 'b');
    expect(new Set(copies.map(c => c.id)).size).toBe(6);
    expect(copies[2]).toMatchObject({ kind: 'bar' });
    expect(changed(cards, 'c', { span: 3 })[2].span).toBe(3);
    const less = removed(cards, 'b');
    expect(ids(less)).toBe('acd');
    expect(ids(restored(less, cards[1], 1))).toBe('abcd');
    expect(ids(restored(less, cards[1], 99))).toBe('acdb');
    expect(new Set(ids(restored(cards, cards[1], 0))).size).toBe(5);
  });

  it('under a collapsed section are not shown', () => {
    const folded = { ...newCard('section', 's'), collapsed: true };
    const open = newCard('section', 't');
    const all = [cards[0], folded, cards[1], cards[2], open, cards[3]];
    expect(ids(shownCards(all))).toBe('astd');
  });

  it('stand in one to three columns, at a height in steps', () => {
    expect([200, 560, 620, 900, 5000].map(columnsFor)).toEqual([1, 1, 2, 3, 3]);
    expect([0, 233, 9999].map(clampHeight)).toEqual([120, 230, 1200]);
  });
});
