import { describe, expect, it } from 'vitest';

import type { Cell } from '../table/values';
import { barFigure, boxFigure, groupsOf } from './barFigure';
import { CELLS, contourFigure, gridOf } from './contourFigure';
import type { IFigureColumn } from './figureParts';
import {
  confusionFigure,
  correlationFigure,
  importanceFigure
} from './matrixFigure';
import { overlayFigure } from './overlayFigure';
import { fitLine, momentsOf, numbersOf, ranksOf, spearman } from './stats';
import type { IChartTheme } from './theme';

const theme: IChartTheme = {
  dark: false,
  text: '#000000',
  faint: '#777777',
  grid: '#cccccc',
  background: '#ffffff',
  brand: '#0000ff',
  error: '#ff0000',
  font: 'sans-serif',
  size: 11,
  series: Array.from(
    { length: 12 },
    (_, i) => `#0000${i.toString(16)}${i.toString(16)}`
  )
};
const EVIL = '<img src=x onerror=alert(1)>';

const column = (key: string, cells: Cell[]): IFigureColumn => ({
  key,
  label: key,
  cells
});
const signal = new AbortController().signal;

interface ITrace {
  x: unknown[];
  y: unknown[];
  z: (number | null)[][];
  text: unknown;
  error_y?: { array: number[]; arrayminus: number[] };
}
const traces = (figure: { data: readonly object[] }): ITrace[] =>
  figure.data as ITrace[];

describe('bars and boxes', () => {
  const y = column('loss', [1, 3, null, NaN, 10, 5]);
  const by = column('opt', ['a', 'a', 'a', 'b', 'b', null]);

  it('group finite values by the texts of a column, in natural order', () => {
    expect(
      groupsOf(y, by).map(g => [g.label, g.moments.n, g.moments.mean])
    ).toEqual([
      ['a', 2, 2],
      ['b', 1, 10]
    ]);
    expect(
      groupsOf(y, column('n', [10, 2, 2, 2, 9, 2])).map(g => g.label)
    ).toEqual(['2', '9', '10'].slice(0, 3));
  });

  it('stand at the mean with their spread', () => {
    const rows = {
      names: ['1', '2', '3', '4', '5', '6'],
      labels: [],
      y,
      by,
      selected: new Set<string>()
    };
    const [std] = traces(barFigure({ ...rows, error: 'std' }, theme));
    expect(std.y).toEqual([2, 10]);
    expect(std.error_y?.array).toEqual([1, 0]);
    const [range] = traces(barFigure({ ...rows, error: 'range' }, theme));
    expect([range.error_y?.array, range.error_y?.arrayminus]).toEqual([
      [1, 0],
      [1, 0]
    ]);
    expect(
      traces(barFigure({ ...rows, error: 'none' }, theme))[0].error_y
    ).toBeUndefined();
  });

  it('stand apart where groups begin with the same long text', () => {
    const same = 'a text that is longer than a label';
    const long = column('path', [
      `${same}, one`,
      `${same}, one`,
      `${same}, two`,
      `${same}, two`,
      'other',
      null
    ]);
    const finite = column('loss', [1, 1, 5, 5, 7, 7]);
    const names = ['1', '2', '3', '4', '5', '6'];
    const selected = new Set<string>();
    const rows = { names, labels: [], y: finite, by: long, selected };
    const bars = barFigure({ ...rows, error: 'none' }, theme);
    const [{ x }] = bars.data as { x: string[] }[];
    expect(new Set(x).size).toBe(3);
    const boxes = boxFigure({ names, y: finite, by: long }, theme);
    expect(
      new Set((boxes.data as { name: string }[]).map(box => box.name)).size
    ).toBe(3);
  });

  it('are one for each trial, at most 200, and say how many are left out', () => {
    const cells = Array.from({ length: 300 }, (_, i) => i);
    const names = cells.map(String);
    const figure = barFigure(
      {
        names,
        labels: names,
        y: column('y', cells),
        by: null,
        error: 'none',
        selected: new Set()
      },
      theme
    );
    expect([figure.shown, figure.skipped]).toEqual([200, 100]);
  });

  it('escape what users wrote', () => {
    const names = ['run'];
    const bad = { names, y: column(EVIL, [1]), by: column(EVIL, [EVIL]) };
    const text = JSON.stringify([
      boxFigure(bad, theme),
      barFigure(
        { ...bad, labels: [EVIL], error: 'std', selected: new Set() },
        theme
      ),
      barFigure(
        { ...bad, by: null, labels: [EVIL], error: 'std', selected: new Set() },
        theme
      ),
      contourFigure(
        {
          names: ['a', 'b', 'c'],
          x: column(EVIL, [1, 2, 3]),
          y: column(EVIL, [1, 2, 3]),
          z: column(EVIL, [1, 2, 3])
        },
        theme
      ),
      correlationFigure(
        { rows: [EVIL], columns: [EVIL], values: [[1]] },
        theme
      ),
      importanceFigure(
        [{ param: EVIL, importance: 1, correlation: null }],
        theme
      ),
      overlayFigure(
        [
          { label: EVIL, color: 'red', x: [0], y: [0], score: 1, noSkill: null }
        ],
        true,
        theme
      )
    ]);
    expect(text).not.toContain('<img');
  });
});

describe('a contour', () => {
  const span = { min: 0, size: 1, log: false };

  it('has the values of the points where they are, and nothing far from all', () => {
    const grid = gridOf([{ x: 0, y: 0, z: 5 }], span, span);
    expect(grid[0][0]).toBeCloseTo(5);
    expect(grid[CELLS - 1][CELLS - 1]).toBeNull();
  });

  it('lies between the values of its points', () => {
    const grid = gridOf(
      [
        { x: 0.4, y: 0.5, z: 1 },
        { x: 0.6, y: 0.5, z: 3 }
      ],
      span,
      span
    );
    const known = grid.flat().filter((v): v is number => v !== null);
    expect(Math.min(...known)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...known)).toBeLessThanOrEqual(3);
  });

  it('is not drawn from fewer than three points', () => {
    const two = {
      names: ['a', 'b'],
      x: column('x', [1, 2]),
      y: column('y', [1, 2]),
      z: column('z', [1, 2])
    };
    expect(contourFigure(two, theme).shown).toBe(0);
    const same = {
      names: ['a', 'b', 'c'],
      x: column('x', [1, 1, 1]),
      y: column('y', [2, 2, 2]),
      z: column('z', [1, 2, 3])
    };
    expect(contourFigure(same, theme).shown).toBe(3);
  });
});

describe('numbers about numbers', () => {
  it('are moments of what is finite', () => {
    expect(momentsOf([1, NaN, 3, Infinity])).toEqual({
      n: 2,
      mean: 2,
      std: 1,
      min: 1,
      max: 3
    });
    expect(momentsOf([NaN])).toBeNull();
  });

  it('fit a line, where there is one', () => {
    const line = fitLine([0, 1, 2], [1, 3, 5]);
    expect(line?.slope).toBeCloseTo(2);
    expect(line?.start).toBeCloseTo(1);
    expect(line?.r2).toBeCloseTo(1);
    expect(fitLine([1, 1], [1, 2])).toBeNull();
    expect(fitLine([1], [1])).toBeNull();
    expect(fitLine([1e308, -1e308], [1, 2])).toBeNull();
  });

  it('share the mean rank where they are equal', () => {
    expect([...ranksOf(Float64Array.from([10, 20, 20, 5]))]).toEqual([
      2, 3.5, 3.5, 1
    ]);
  });

  it("correlate by rank over the rows that have both (scipy.stats.spearmanr's values)", async () => {
    const a = [1, 2, 3, 4, 5];
    const b = [5, 6, 7, 8, 7];
    const found = await spearman(
      [a, b, [1, 4, 9, 16, 25], [1, NaN, 2, NaN, 3], [7, 7, 7, 7, 7]].map(c =>
        numbersOf(c)
      ),
      signal
    );
    expect(found?.[0][1]).toBeCloseTo(0.8207826816681233);
    expect(found?.[0][2]).toBeCloseTo(1);
    expect(found?.[0][3]).toBeCloseTo(1);
    expect(found?.[0][4]).toBeNull();
    expect(found?.[1][0]).toBe(found?.[0][1]);
  });

  it('stop when nobody waits for them', async () => {
    const gone = new AbortController();
    gone.abort();
    const columns = [numbersOf([1, 2, 3]), numbersOf([3, 2, 1])];
    expect(await spearman(columns, gone.signal)).toBeNull();
  });
});

describe('matrices', () => {
  it('colour a confusion by its share of the row, and write the counts', () => {
    const figure = confusionFigure(
      {
        rows: ['a', 'b'],
        columns: ['a', 'b'],
        values: [
          [3, 1],
          [0, 0]
        ]
      },
      theme
    );
    const [heat] = traces(figure);
    expect(heat.z).toEqual([
      [0.75, 0.25],
      [0, 0]
    ]);
    expect(heat.text).toEqual([
      ['3', '1'],
      ['0', '0']
    ]);
  });

  it('leave correlations empty that do not exist', () => {
    const [heat] = traces(
      correlationFigure(
        { rows: ['a'], columns: ['a'], values: [[null]] },
        theme
      )
    );
    expect([heat.z, heat.text]).toEqual([[[null]], [['']]]);
  });
});
