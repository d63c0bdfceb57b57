import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LocalRows } from './localRows';
import { testPage } from './page.fixture';
import { NO_FILTER } from './rowSource';

const shown = (rows: LocalRows): (string | undefined)[] =>
  Array.from({ length: rows.count }, (_, i) => rows.nameAt(i));

const up = (key: string): { key: string; desc: boolean } => ({
  key,
  desc: false
});
const down = (key: string): { key: string; desc: boolean } => ({
  key,
  desc: true
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('sorting rows in the browser', () => {
  const page = (): ReturnType<typeof testPage> =>
    testPage(['a', 'b', 'c', 'd', 'e', 'f'], {
      loss: [0.5, NaN, null, 0.1, Infinity, -2]
    });

  it('puts values that are not finite after finite ones and missing ones last, upwards', () => {
    const rows = new LocalRows(page());
    rows.sort([up('loss')]);
    expect(shown(rows)).toEqual(['f', 'd', 'a', 'b', 'e', 'c']);
  });

  it('keeps them last when it sorts downwards', () => {
    const rows = new LocalRows(page());
    rows.sort([down('loss')]);
    expect(shown(rows)).toEqual(['a', 'd', 'f', 'b', 'e', 'c']);
  });

  it('sorts texts in natural order, whatever their codes', () => {
    const rows = new LocalRows(
      testPage(['a', 'b', 'c', 'd'], {
        host: ['node-10', null, 'node-9', 'Node-1']
      })
    );
    rows.sort([up('host')]);
    expect(shown(rows)).toEqual(['d', 'c', 'a', 'b']);
    rows.sort([down('host')]);
    expect(shown(rows)).toEqual(['a', 'c', 'd', 'b']);
  });

  it('breaks ties by the next key, then by the order of the server', () => {
    const rows = new LocalRows(
      testPage(['z', 'y', 'x', 'w'], {
        opt: ['sgd', 'adam', 'sgd', 'adam'],
        lr: [2, 1, 1, 1]
      })
    );
    rows.sort([up('opt'), down('lr')]);
    expect(shown(rows)).toEqual(['y', 'w', 'z', 'x']);
  });

  it('sorts by name in natural order', () => {
    const rows = new LocalRows(testPage(['run-10', 'run-9', 'run-1']));
    rows.sort([up('name')]);
    expect(shown(rows)).toEqual(['run-1', 'run-9', 'run-10']);
  });

  it('ignores a column that does not exist', () => {
    const rows = new LocalRows(page());
    rows.sort([up('nothing')]);
    expect(shown(rows)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('the name of a row', () => {
  it('is sorted by what is shown: the display name where there is one', () => {
    const rows = new LocalRows(
      testPage(['job-1', 'job-2', 'alone'], {
        display_name: ['zebra', 'ant', null]
      })
    );
    rows.sort([up('name')]);
    expect(shown(rows)).toEqual(['alone', 'job-2', 'job-1']);
    rows.patch('job-1', { display_name: 'aardvark' });
    rows.sort([up('name')]);
    expect(shown(rows)).toEqual(['job-1', 'alone', 'job-2']);
  });
});

describe('the label of a row', () => {
  it('is its display name unless another row has the same; then the name tells them apart', () => {
    const rows = new LocalRows(
      testPage(
        ['job-1-aws-training-job', 'job-2-aws-training-job', 'prep', 'bare'],
        { display_name: ['Training', 'Training', 'Preprocessing', null] }
      )
    );
    const labels = (): string[] =>
      shown(rows).map(name => rows.labelOf(name ?? ''));
    expect(labels()).toEqual(['job-1', 'job-2', 'Preprocessing', 'bare']);
    rows.patch('job-2-aws-training-job', { display_name: 'Tuned' });
    expect(labels()).toEqual(['Training', 'Tuned', 'Preprocessing', 'bare']);
  });
});

describe('filtering rows in the browser', () => {
  const page = (): ReturnType<typeof testPage> =>
    testPage(['Alpha', 'beta', 'gamma'], {
      display_name: [null, 'The ALPHA twin', null]
    });

  it('finds a part of the name or display name in any case', () => {
    const rows = new LocalRows(page());
    rows.filter({ text: 'alpha', names: null });
    expect(shown(rows)).toEqual(['Alpha', 'beta']);
    expect(rows.total).toBe(3);
    expect(rows.indexOf('gamma')).toBe(-1);
    expect(rows.has('gamma')).toBe(true);
  });

  it('shows only brushed names, and leaves them in for the chart that brushes', () => {
    const rows = new LocalRows(page());
    rows.filter({ text: '', names: new Set(['gamma']) });
    expect(shown(rows)).toEqual(['gamma']);
    expect(rows.extract([], true).names).toEqual(['gamma']);
    expect(rows.extract([], false).names).toEqual(['Alpha', 'beta', 'gamma']);
  });

  it('shows all again without a filter', () => {
    const rows = new LocalRows(page());
    rows.filter({ text: 'nobody', names: null });
    expect(rows.count).toBe(0);
    rows.filter(NO_FILTER);
    expect(rows.count).toBe(3);
  });
});

describe('live changes of rows in the browser', () => {
  it('patches cells and tells listeners once for many events', () => {
    const rows = new LocalRows(testPage(['a', 'b'], { loss: [1, 2] }));
    const heard = vi.fn();
    rows.subscribe(heard);
    rows.patch('a', { loss: 0.5 });
    rows.patch('b', { loss: 'nan' });
    vi.runAllTimers();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(rows.cell(0, 'loss')).toBe(0.5);
    expect(rows.cell(1, 'loss')).toBeNaN();
  });

  it('moves a row to its new place when the sorted value changes', () => {
    const rows = new LocalRows(testPage(['a', 'b'], { loss: [1, 2] }));
    rows.sort([up('loss')]);
    rows.patch('b', { loss: 0 });
    rows.flush();
    expect(shown(rows)).toEqual(['b', 'a']);
    expect(rows.indexOf('a')).toBe(1);
  });

  it('adds a row that was not seen before, with columns of its own', () => {
    const rows = new LocalRows(testPage(['a'], { loss: [1] }));
    rows.patch('new', {
      loss: 3,
      'metrics.acc.last': 'inf',
      'params.opt': 'sgd'
    });
    rows.flush();
    expect(shown(rows)).toEqual(['a', 'new']);
    expect(rows.cell(1, 'metrics.acc.last')).toBe(Infinity);
    expect(rows.cell(0, 'metrics.acc.last')).toBeNull();
    expect(rows.discovered).toEqual(['metrics.acc.last', 'params.opt']);
    rows.sort([up('metrics.acc.last')]);
    expect(shown(rows)).toEqual(['new', 'a']);
  });

  it('turns a column of numbers into texts when a text arrives, losing nothing', () => {
    const rows = new LocalRows(
      testPage(['a', 'b', 'c'], { 'params.n': [3, null, 10] })
    );
    rows.patch('b', { 'params.n': 'auto' });
    rows.flush();
    expect([0, 1, 2].map(i => rows.cell(i, 'params.n'))).toEqual([
      '3',
      'auto',
      '10'
    ]);
    rows.sort([up('params.n')]);
    expect(shown(rows)).toEqual(['a', 'c', 'b']);
  });

  it('empties a cell by null', () => {
    const rows = new LocalRows(testPage(['a'], { loss: [1], host: ['h'] }));
    rows.patch('a', { loss: null, host: null });
    rows.flush();
    expect([rows.cell(0, 'loss'), rows.cell(0, 'host')]).toEqual([null, null]);
  });

  it('removes a row, and takes the name again later', () => {
    const rows = new LocalRows(testPage(['a', 'b'], { loss: [1, 2] }));
    rows.remove('a');
    rows.flush();
    expect(shown(rows)).toEqual(['b']);
    rows.patch('a', { loss: 9 });
    rows.flush();
    expect(shown(rows)).toEqual(['b', 'a']);
    expect(rows.cell(1, 'loss')).toBe(9);
  });

  it('marks changed cells for a flash, and unchanged ones not', () => {
    const rows = new LocalRows(testPage(['a'], { loss: [1], host: ['h'] }));
    rows.patch('a', { loss: 2, host: 'h' });
    rows.flush();
    expect(rows.changedAt(0, 'loss')).toBeGreaterThan(0);
    expect(rows.changedAt(0, 'host')).toBe(0);
  });

  it('keeps order and filter when the server sends everything again', () => {
    const rows = new LocalRows(testPage(['a', 'b'], { loss: [2, 1] }));
    rows.sort([up('loss')]);
    rows.replace(testPage(['a', 'b', 'c'], { loss: [2, 1, 0] }));
    expect(shown(rows)).toEqual(['c', 'b', 'a']);
  });

  it('tells nobody after it was disposed', () => {
    const rows = new LocalRows(testPage(['a'], { loss: [2] }));
    const heard = vi.fn();
    rows.subscribe(heard);
    rows.patch('a', { loss: 1 });
    rows.dispose();
    vi.runAllTimers();
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('many rows', () => {
  it('sorts ten thousand by two keys into a permutation', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `r${i}`);
    const rows = new LocalRows(
      testPage(names, {
        a: names.map((_, i) => (i * 7919) % 101),
        b: names.map((_, i) => (i % 13 === 0 ? null : (i * 31) % 1009))
      })
    );
    rows.sort([up('a'), down('b')]);
    const seen = new Set(shown(rows));
    expect(seen.size).toBe(10_000);
    for (let i = 1; i < rows.count; i++) {
      const [before, now] = [
        rows.cell(i - 1, 'a') as number,
        rows.cell(i, 'a') as number
      ];
      expect(before).toBeLessThanOrEqual(now);
    }
    expect(rows.indexOf(rows.nameAt(1234) ?? '')).toBe(1234);
  });
});
