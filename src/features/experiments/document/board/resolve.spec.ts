import { describe, expect, it } from 'vitest';

import type { IColumn } from '../../../../components/table';
import { newCard } from './model';
import {
  boardColumns,
  cardColumns,
  cardsOf,
  choicesOf,
  contourKeys,
  correlationKeys,
  defaultCards,
  scatterKeys
} from './resolve';

const columns: IColumn[] = [
  { key: 'name', group: 'meta', kind: 'category' },
  { key: 'params.lr', group: 'params', kind: 'float', distinct: 9 },
  { key: 'params.depth', group: 'params', kind: 'float', distinct: 4 },
  { key: 'params.seed', group: 'params', kind: 'float', distinct: 1 },
  { key: 'params.opt', group: 'params', kind: 'category', distinct: 2 },
  { key: 'metrics.loss.last', group: 'metrics', kind: 'float' },
  { key: 'metrics.loss.min', group: 'metrics', kind: 'float' },
  { key: 'metrics.val/acc.last', group: 'metrics', kind: 'float' },
  { key: 'metrics.system/cpu.last', group: 'metrics', kind: 'float' }
];
const { all } = choicesOf(columns);
const kinds = (cards: readonly { kind: string }[]): string[] =>
  cards.map(card => card.kind);

describe('the board of an experiment that nobody arranged', () => {
  it('shows curves of the likely objectives, and not of the system', () => {
    const cards = defaultCards(columns, 0);
    expect(kinds(cards)).toEqual(['curves', 'curves', 'parallel']);
    expect(cards[0]).toMatchObject({ metrics: ['val/acc'] });
  });

  it('adds importance and a scatter when ten trials are finished', () => {
    expect(kinds(defaultCards(columns, 9))).not.toContain('importance');
    expect(kinds(defaultCards(columns, 10)).slice(-2)).toEqual([
      'importance',
      'scatter'
    ]);
  });

  it('is empty without columns, and gives way to what the user arranged', () => {
    expect(defaultCards([], 50)).toEqual([]);
    const own = [newCard('bar', 'c0')];
    expect(cardsOf({ cards: own, brushes: {} }, columns, 50)).toBe(own);
  });
});

describe('what a card shows', () => {
  it('is chosen where the card does not say or says a column that is gone', () => {
    const card = {
      ...newCard('scatter', 'c'),
      x: 'params.gone',
      color: 'gone'
    };
    expect(scatterKeys(card, all)).toEqual({
      x: 'params.lr',
      y: 'metrics.val/acc.last',
      color: null,
      size: null
    });
    expect(contourKeys(newCard('contour', 'c'), all)).toEqual({
      x: 'params.lr',
      y: 'params.depth',
      z: 'metrics.val/acc.last'
    });
    const fixed = { ...newCard('contour', 'c'), y: 'params.lr' };
    expect(contourKeys(fixed, all)?.x).toBe('params.depth');
  });

  it('correlates numbers that change, and the last of the metrics', () => {
    expect(correlationKeys(newCard('correlation', 'c'), all)).toEqual([
      'params.lr',
      'params.depth',
      'metrics.loss.last',
      'metrics.val/acc.last'
    ]);
  });

  it('needs the columns that it draws', () => {
    expect(cardColumns(newCard('curves', 'c'), all, ['params.opt'])).toEqual([
      'params.opt'
    ]);
    const bar = { ...newCard('bar', 'c'), by: 'params.opt' };
    expect(cardColumns(bar, all, [])).toEqual([
      'metrics.val/acc.last',
      'params.opt'
    ]);
    expect(cardColumns(newCard('artifact', 'c'), all, [])).toEqual([]);
  });

  it('names its columns to a list that may be cut', () => {
    const view = {
      cards: [
        { ...newCard('scatter', 'a'), x: 'params.deep', y: 'duration' },
        { ...newCard('curves', 'b'), metrics: ['rare'], group: 'tags.team' },
        { ...newCard('parallel', 'c'), axes: ['params.q'] }
      ],
      brushes: { 'params.b': [[0, 1] as const] }
    };
    expect(boardColumns(view)).toEqual([
      'params.deep',
      'duration',
      'tags.team',
      'params.q',
      'metrics.rare.last',
      'params.b'
    ]);
  });
});
