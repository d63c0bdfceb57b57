import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { ISeriesId } from '../../../../components/charts';
import type { IColumn } from '../../../../components/table';
import { codeOf, type ICodeContext } from './code';
import { comment, py, queryOf } from './codeParts';
import { newCard, type ICard } from './model';

/** Python that pytest runs (tests/notebooks/test_board.py); MLSTUDIO_GOLDEN=1 writes it anew. */
const FOLDER = path.join(process.cwd(), 'tests/notebooks/board');

const column = (key: string, kind: IColumn['kind'] = 'float'): IColumn => ({
  key,
  group: key.startsWith('params.') ? 'params' : 'metrics',
  kind,
  distinct: 6
});

const columns = [
  column('metrics.loss.last'),
  column('metrics.acc.last'),
  column('params.lr'),
  column('params.depth'),
  column('params.opt', 'category')
];
const RUNS = ['run-0', 'run-1', 'run-2', 'run-3'];

const series = (metric: string, context = {}): ISeriesId[] =>
  RUNS.map(component => ({
    component,
    name: metric,
    context,
    label: component
  }));

const TITLE = 'A "title" with\nlines & <b>markup</b>';

const base: ICodeContext = {
  experiment: 'board',
  where: '',
  title: TITLE,
  names: null,
  runs: RUNS.map(run => [run, run] as const),
  series: [],
  groupOf: null,
  columns,
  spans: key => key === 'params.lr'
};

const opt = (id: ISeriesId): string =>
  RUNS.indexOf(id.component) % 2 === 0 ? 'opt = adam' : 'opt = sgd';

interface ICase {
  readonly card: ICard;
  readonly context?: Partial<ICodeContext>;
}

const CASES: Readonly<Record<string, ICase>> = {
  curves: {
    card: { ...newCard('curves', 'c'), metrics: ['loss', 'acc'], logY: true },
    context: {
      series: [...series('loss'), ...series('acc', { subset: 'val' })]
    }
  },
  curves_over_metric: {
    card: {
      ...newCard('curves', 'c'),
      metrics: ['loss'],
      x: 'metric:epoch',
      smooth: 0.6,
      clip: true
    },
    context: { series: series('loss') }
  },
  curves_since_start: {
    card: {
      ...newCard('curves', 'c'),
      metrics: ['loss'],
      x: 'relative',
      logX: true,
      logY: true,
      clip: true
    },
    context: { series: [...series('loss'), ...series('nobody logged this')] }
  },
  curves_by_group: {
    card: { ...newCard('curves', 'c'), metrics: ['loss'], group: 'params.opt' },
    context: { series: series('loss'), groupOf: opt }
  },
  curves_by_group_std: {
    card: {
      ...newCard('curves', 'c'),
      metrics: ['loss'],
      x: 'time',
      group: 'params.opt',
      band: 'std'
    },
    context: { series: series('loss'), groupOf: opt }
  },
  scatter: {
    card: {
      ...newCard('scatter', 'c'),
      x: 'params.lr',
      color: 'params.opt',
      size: 'params.depth',
      trend: true
    },
    context: { where: 'params.depth > 0 order by metrics.loss limit 50' }
  },
  scatter_of_names: {
    card: { ...newCard('scatter', 'c'), color: 'metrics.loss.last' },
    context: { names: RUNS }
  },
  bar_by_trial: { card: newCard('bar', 'c') },
  bar_by_group: { card: { ...newCard('bar', 'c'), by: 'params.opt' } },
  bar_by_number: {
    card: { ...newCard('bar', 'c'), by: 'params.depth', error: 'range' }
  },
  box: { card: { ...newCard('box', 'c'), by: 'params.opt' } },
  contour: { card: newCard('contour', 'c') },
  parallel: {
    card: {
      ...newCard('parallel', 'c'),
      axes: ['params.opt', 'params.lr', 'metrics.acc.last'],
      color: 'metrics.acc.last'
    }
  },
  importance: {
    card: newCard('importance', 'c'),
    context: { where: 'params.depth > 0' }
  },
  correlation: { card: newCard('correlation', 'c') },
  roc: { card: newCard('artifact', 'c') },
  precision_recall: { card: { ...newCard('artifact', 'c'), what: 'pr' } },
  confusion: { card: { ...newCard('artifact', 'c'), what: 'confusion' } }
};

describe('the Python of a card', () => {
  for (const [name, { card, context }] of Object.entries(CASES)) {
    it(`of ${name} is the one that pytest runs`, () => {
      const code = codeOf(card, { ...base, ...context });
      const file = path.join(FOLDER, `${name}.py.txt`);
      if (process.env.MLSTUDIO_GOLDEN) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, code);
      }
      expect(code).toBe(readFileSync(file, 'utf-8'));
    });
  }

  it('holds what users wrote as literals and comments only', () => {
    const evil = '"); import os  # \u2028\n\'"""';
    const code = codeOf(
      {
        ...newCard('scatter', 'c'),
        x: `params.${evil}`,
        y: 'metrics.loss.last'
      },
      {
        ...base,
        title: evil,
        where: evil,
        columns: [...columns, column(`params.${evil}`)]
      }
    );
    // Every line break is ours: each of their own is escaped.
    expect(code.split('\n').some(line => line.startsWith('import os'))).toBe(
      false
    );
    expect(py(evil)).toBe('"\\"); import os  # \u2028\\n\'\\"\\"\\""');
    expect(comment('a\nb\u2028c\rd')).toBe('# a b c d');
  });

  it('is nothing where there is nothing to draw', () => {
    expect(codeOf(newCard('section', 'c'), base)).toBe('');
    expect(codeOf(newCard('curves', 'c'), base)).toBe('');
    expect(codeOf(newCard('scatter', 'c'), { ...base, columns: [] })).toBe('');
  });

  it('asks for the rows of the query, within the experiment', () => {
    expect(queryOf('a', '')).toBe('experiment = "a"');
    expect(queryOf('a', 'x = 1 or y = 2')).toBe(
      '(x = 1 or y = 2) and experiment = "a"'
    );
    expect(queryOf('a', 'x = 1 order by y desc limit 3')).toBe(
      '(x = 1) and experiment = "a" order by y desc limit 3'
    );
    expect(queryOf('a', 'order by y')).toBe('experiment = "a" order by y');
    expect(queryOf('a', 'note contains "the limit is 3"')).toBe(
      '(note contains "the limit is 3") and experiment = "a"'
    );
  });
});
