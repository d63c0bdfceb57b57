import { describe, expect, it } from 'vitest';

import { fits, formatBoard, MOST_BYTES, parseBoard } from './json';
import {
  DEFAULT_BOARD,
  KINDS,
  MOST_CARDS,
  newCard,
  type IBoardView,
  type ICard
} from './model';

const TITLE = 'More';
const cards: ICard[] = [
  {
    ...newCard('curves', 'c0'),
    metrics: ['loss', 'acc'],
    x: 'metric:epoch',
    smooth: 0.6,
    logX: true,
    clip: true,
    group: 'params.opt',
    band: 'std',
    span: 2,
    height: 300
  },
  { ...newCard('scatter', 'c1'), x: 'params.lr', logX: false, trend: true },
  { ...newCard('bar', 'c2'), by: 'params.opt', error: 'range' },
  { ...newCard('section', 'c3'), title: TITLE, collapsed: true },
  { ...newCard('artifact', 'c4'), what: 'confusion', name: 'matrix' },
  { ...newCard('parallel', 'c5'), axes: ['params.lr'], color: null }
];
const full: IBoardView = {
  cards,
  brushes: {
    'params.lr': [
      [0.1, 0.5],
      [-0.09, 0]
    ]
  }
};

const again = (view: IBoardView): IBoardView =>
  parseBoard(JSON.parse(JSON.stringify(formatBoard(view))));

describe('a board as JSON', () => {
  it('is read as it was written', () => {
    expect(again(full)).toEqual(full);
    expect(again(DEFAULT_BOARD)).toEqual(DEFAULT_BOARD);
    expect(again({ cards: [], brushes: {} })).toEqual({
      cards: [],
      brushes: {}
    });
    const all = KINDS.map((kind, i) => newCard(kind, `c${i}`));
    expect(again({ cards: all, brushes: {} }).cards).toEqual(all);
  });

  it('says of a card only what is not its default', () => {
    const json = formatBoard({ cards: [newCard('box', 'c0')], brushes: {} });
    expect(json).toEqual({ cards: [{ kind: 'box' }] });
  });

  it('is the default board when it is none', () => {
    for (const odd of [null, undefined, 3, 'x', [], true, { cards: 'all' }]) {
      expect(parseBoard(odd)).toEqual(DEFAULT_BOARD);
    }
  });

  it('keeps the good fields of a broken card, and drops cards of unknown kinds', () => {
    const board = parseBoard({
      cards: [
        { kind: 'pie' },
        null,
        {
          kind: 'curves',
          metrics: ['a', 'a'],
          smooth: 9,
          x: 'metric:',
          span: 7
        },
        {
          kind: 'scatter',
          x: 5,
          trend: 'yes',
          title: 'x'.repeat(300),
          height: 5
        }
      ],
      brushes: { a: [[2, 1], [0, 1], 'x', [0, 9]], b: 3, __proto__: [[0, 1]] }
    });
    expect(board.cards).toEqual([
      { ...newCard('curves', 'c2'), metrics: ['a'] },
      newCard('scatter', 'c3')
    ]);
    expect(board.brushes).toEqual({ a: [[0, 1]] });
  });

  it('is read from any damage without an exception', () => {
    const text = JSON.stringify(formatBoard(full));
    const junk = [null, -1, 1e999, '', '\u202e<b>', [], {}, [[]], true];
    let seed = 7;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    for (let i = 0; i < 300; i++) {
      const json = JSON.parse(text) as { cards: Record<string, unknown>[] };
      const card = json.cards[random(json.cards.length)];
      const fields = Object.keys(card);
      card[fields[random(fields.length)]] = junk[random(junk.length)];
      const board = parseBoard(json);
      expect(again(board).cards?.map(({ id: _, ...rest }) => rest)).toEqual(
        board.cards?.map(({ id: _, ...rest }) => rest)
      );
    }
  });

  it('is bounded: cards that are too many or too long are not written', () => {
    const long = Array.from({ length: 60 }, (_, i) => ({
      ...newCard('curves', `c${i}`),
      metrics: Array.from({ length: 12 }, (__, j) => `${'m'.repeat(40)}${j}`)
    }));
    const json = formatBoard({ cards: long, brushes: {} });
    const size = new TextEncoder().encode(JSON.stringify(json)).length;
    expect(size).toBeLessThanOrEqual(MOST_BYTES);
    expect(fits({ cards: long, brushes: {} })).toBe(false);
    expect(fits(full)).toBe(true);
    const many = { cards: Array.from({ length: 99 }, () => ({ kind: 'bar' })) };
    expect(parseBoard(many).cards).toHaveLength(MOST_CARDS);
  });
});
