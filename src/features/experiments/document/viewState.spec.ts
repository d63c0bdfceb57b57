import { describe, expect, it } from 'vitest';

import { newCard } from './board/model';
import {
  DEFAULT_VIEW,
  formatView,
  parseView,
  type IDocumentView
} from './viewState';

const full: IDocumentView = {
  layout: {
    hidden: ['host'],
    shown: ['tags.team'],
    order: ['params.lr', 'status'],
    widths: { name: 300 },
    pinned: ['name', 'status']
  },
  sort: [
    { key: 'metrics.test:accuracy.last', desc: true },
    { key: 'name', desc: false }
  ],
  where: 'params.lr > 0.1',
  quick: 'cnn',
  selected: ['run-1', 'run-2'],
  group: {
    by: ['params.opt', 'status'],
    open: { all: true, except: ['\u0001status=sFailed\u0001'] }
  },
  state: 'archived',
  saved: 'view-uid',
  savedVersion: 4,
  board: {
    cards: [
      { ...newCard('curves', 'c0'), metrics: ['loss'], smooth: 0.6 },
      { ...newCard('scatter', 'c1'), x: 'params.lr', span: 2 }
    ],
    brushes: { 'params.lr': [[0.1, 0.5]] }
  },
  chartsOpen: false,
  split: 0.4
};

describe('the state of a document', () => {
  it('survives a reload as it was', () => {
    expect(parseView(JSON.parse(JSON.stringify(formatView(full))))).toEqual(
      full
    );
    expect(parseView(formatView(DEFAULT_VIEW))).toEqual(DEFAULT_VIEW);
  });

  it('is the default for another version and for what is no state', () => {
    for (const odd of [
      null,
      undefined,
      3,
      'x',
      [],
      {},
      { v: 2, where: 'x' },
      { v: '1' }
    ]) {
      expect(parseView(odd)).toEqual(DEFAULT_VIEW);
    }
  });

  it('keeps the good fields of a broken one', () => {
    const view = parseView({
      v: 1,
      where: 'a = 1',
      sort: 7,
      widths: { name: 'wide', status: 120, x: -5, y: NaN },
      hidden: ['a', 3, null, '', 'a'],
      selected: { length: 3 },
      board: {
        cards: [{ kind: 'curves', smooth: 5, x: 'sideways', metrics: 'loss' }],
        brushes: { a: [[2, 1], [0, 1], 'x'], b: 3 }
      },
      split: 'half'
    });
    expect(view.where).toBe('a = 1');
    expect(view.sort).toEqual(DEFAULT_VIEW.sort);
    expect(view.layout.widths).toEqual({ status: 120 });
    expect(view.layout.hidden).toEqual(['a']);
    expect(view.selected).toEqual([]);
    expect(view.board).toEqual({
      cards: [newCard('curves', 'c0')],
      brushes: { a: [[0, 1]] }
    });
    expect(view.split).toBe(DEFAULT_VIEW.split);
  });

  it('is read from any damage without an exception, and written again', () => {
    const text = JSON.stringify(formatView(full));
    let seed = 42;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const junk = [
      null,
      -1,
      1e999,
      '',
      '\u202e<b>',
      [],
      {},
      [[]],
      true,
      'x'.repeat(5000)
    ];
    for (let i = 0; i < 500; i++) {
      const json = JSON.parse(text) as Record<string, unknown>;
      const board = json.board as Record<string, unknown>;
      const target = random(2) === 0 ? json : board;
      const keys = Object.keys(target).filter(k => k !== 'v');
      target[keys[random(keys.length)]] = junk[random(junk.length)];
      const view = parseView(json);
      expect(parseView(formatView(view))).toEqual(view);
    }
  });

  it('is never more than 8 KB, and keeps the query longest', () => {
    const big: IDocumentView = {
      ...full,
      selected: Array.from(
        { length: 1000 },
        (_, i) => `run-with-a-long-name-${i}`
      ),
      layout: {
        ...full.layout,
        order: Array.from({ length: 2000 }, (_, i) => `params.p${i}`),
        widths: Object.fromEntries(
          Array.from({ length: 500 }, (_, i) => [`params.p${i}`, 100])
        )
      }
    };
    const json = formatView(big);
    expect(
      new TextEncoder().encode(JSON.stringify(json)).length
    ).toBeLessThanOrEqual(8000);
    const back = parseView(json);
    expect(back.where).toBe(full.where);
    expect(back.sort).toEqual(full.sort);
    expect(back.selected.length).toBeGreaterThan(0);
  });

  it('fits even when the query alone is too long', () => {
    const json = formatView({ ...full, where: '"é"'.repeat(3000) });
    expect(JSON.stringify(json).length).toBeLessThanOrEqual(8000);
    expect(parseView(json).where).toBe('');
  });
});
