import { describe, expect, it } from 'vitest';

import type { Cell } from '../table/values';
import { fileName } from './download';
import { escapeLabel } from './figureParts';
import { scatterFigure, type IScatterRows } from './scatterFigure';
import type { IChartTheme } from './theme';

const theme: IChartTheme = {
  dark: false,
  text: 'black',
  faint: 'grey',
  grid: 'silver',
  background: 'white',
  brand: 'blue',
  error: 'red',
  font: 'sans-serif',
  size: 11,
  series: Array.from({ length: 12 }, (_, i) => `c${i}`)
};

const MARKUP = 'x<b>';
const KEYS = { y: 'y', c: 'c' };

interface ITrace {
  x: unknown[];
  y: unknown[];
  name: string;
  text: string[];
  customdata: string[];
  marker: { color: unknown };
}

function rows(
  x: Cell[],
  y: Cell[],
  color?: Cell[],
  selected: string[] = []
): IScatterRows {
  return {
    names: x.map((_, i) => `r${i}`),
    x: { key: 'x', label: MARKUP, cells: x },
    y: { key: KEYS.y, label: KEYS.y, cells: y },
    color:
      color === undefined ? null : { key: KEYS.c, label: KEYS.c, cells: color },
    selected: new Set(selected)
  };
}

const traces = (r: IScatterRows): ITrace[] =>
  scatterFigure(r, theme).data as ITrace[];

describe('a scatter of rows', () => {
  it('leaves out rows without both values', () => {
    const figure = scatterFigure(rows([1, NaN, null, 4], [1, 2, 3, 4]), theme);
    expect(figure.shown).toBe(2);
    expect((figure.data[0] as ITrace).customdata).toEqual(['r0', 'r3']);
  });

  it('escapes what users wrote, everywhere plotly reads markup', () => {
    const evil = rows(['<img src=x onerror=alert(1)>'], [1], ['<script>']);
    const text = JSON.stringify(scatterFigure(evil, theme));
    expect(text).not.toMatch(/<img|<script|x<b>/);
    expect(escapeLabel('a & <b>')).toBe('a &amp; &lt;b&gt;');
    expect(escapeLabel('x'.repeat(200))).toHaveLength(81);
  });

  it('gives each category a colour and a marker, missing ones too', () => {
    const made = traces(rows([1, 2, 3], [1, 2, 3], ['sgd', 'adam', null]));
    expect(made.map(t => t.name)).toEqual(['adam', 'sgd', 'n/a']);
  });

  it('colours numbers on a scale, with nothing for what is not finite', () => {
    const made = traces(rows([1, 2], [1, 2], [0.5, NaN]));
    expect(made[0].marker.color).toEqual([0.5, null]);
  });

  it('rings selected rows', () => {
    const made = traces(rows([1, 2], [1, 2], undefined, ['r1']));
    expect(made).toHaveLength(2);
    expect(made[1].customdata).toEqual(['r1']);
  });

  it('draws a bounded number of points and says how many are left out', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => i);
    const figure = scatterFigure(rows(many, many), theme);
    expect(figure.shown).toBeLessThanOrEqual(5001);
    expect(figure.shown + figure.skipped).toBe(20_000);
  });

  it('reads learning rates on a log scale, and nothing with a zero or a text', () => {
    const typeOf = (cells: Cell[]): unknown =>
      (
        scatterFigure(rows(cells, cells), theme).layout as {
          xaxis: { type?: string };
        }
      ).xaxis.type;
    expect(typeOf([1e-5, 1e-1, null, NaN])).toBe('log');
    expect(typeOf([0, 1e-5, 1e-1])).toBeUndefined();
    expect(typeOf([1, 10])).toBeUndefined();
    expect(typeOf(['a', 1e-9, 1])).toBeUndefined();
    expect(typeOf([])).toBeUndefined();
  });

  it('is empty without rows', () => {
    expect(scatterFigure(rows([], []), theme).shown).toBe(0);
  });
});

describe('names of files', () => {
  it('are safe whatever a metric is called', () => {
    expect(fileName('../../etc/passwd', 'csv')).toBe('etc-passwd.csv');
    expect(fileName('train:loss <b>', 'png')).toBe('train-loss-b.png');
    expect(fileName('مرحبا', 'png')).toBe('مرحبا.png');
    expect(fileName('???', 'png')).toBe('chart.png');
  });
});
