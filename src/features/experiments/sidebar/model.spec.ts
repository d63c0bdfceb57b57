import { describe, expect, it } from 'vitest';

import type {
  ComponentRecord,
  ExperimentRecord,
  TrialRecord
} from '../../../api/types';
import {
  CHILDREN,
  experimentKey,
  moveOf,
  rowsOf,
  shelfRows,
  trialKey,
  visibleTrials
} from './model';
import type { ITreeData } from './model';

const experiment = (
  name: string,
  more: Partial<ExperimentRecord> = {}
): ExperimentRecord =>
  ({
    uid: name,
    name,
    components: 2,
    running: 0,
    starred: false,
    ...more
  }) as ExperimentRecord;
const trial = (name: string): TrialRecord =>
  ({ uid: name, name, components: 1 }) as TrialRecord;
const component = (
  name: string,
  status: ComponentRecord['status'] = 'Completed'
): ComponentRecord => ({ uid: name, name, status }) as ComponentRecord;

const data = (more: Partial<ITreeData> = {}): ITreeData => ({
  experiments: [
    experiment('a'),
    experiment('b', { display_name: '<b>Bee', running: 1 })
  ],
  trials: new Map(),
  components: new Map(),
  expanded: new Set(),
  ...more
});

const outline = (tree: ITreeData): string[] =>
  rowsOf(tree).map(
    row => `${'  '.repeat(row.level - 1)}${row.kind}:${row.label || row.name}`
  );

describe('the experiments tree', () => {
  it('shows experiments closed, by display name, the starred ones first', () => {
    const tree = data({
      experiments: [experiment('a'), experiment('z', { starred: true })]
    });
    expect(outline(tree)).toEqual(['experiment:z', 'experiment:a']);
    expect(outline(data())).toEqual(['experiment:a', 'experiment:<b>Bee']);
  });

  it('says that it reads, and that there is nothing', () => {
    const expanded = new Set([experimentKey('a')]);
    expect(outline(data({ expanded }))[1]).toBe('  note:loading');
    expect(outline(data({ expanded, trials: new Map([['a', []]]) }))[1]).toBe(
      '  note:none'
    );
  });

  it('shows trials and below them components', () => {
    const tree = data({
      expanded: new Set([experimentKey('a'), trialKey('t1')]),
      trials: new Map([['a', [trial('t1'), trial('t2')]]]),
      components: new Map([['t1', [component('c', 'InProgress')]]])
    });
    expect(outline(tree)).toEqual([
      'experiment:a',
      '  trial:t1',
      '    component:c',
      '  trial:t2',
      'experiment:<b>Bee'
    ]);
    expect(visibleTrials(tree)).toEqual(['t1']);
  });

  it('shows runs directly when the only trial is the default run group', () => {
    const tree = data({
      expanded: new Set([experimentKey('a')]),
      trials: new Map([['a', [trial('Default-Run-Group-a')]]]),
      components: new Map([['Default-Run-Group-a', [component('run-1')]]])
    });
    expect(visibleTrials(tree)).toEqual(['Default-Run-Group-a']);
    expect(outline(tree).slice(0, 2)).toEqual([
      'experiment:a',
      '  component:run-1'
    ]);
  });

  it('says where the rest is when a trial has more components than it shows', () => {
    const many = Array.from({ length: CHILDREN }, (_, i) => component(`c${i}`));
    const tree = data({
      expanded: new Set([experimentKey('a'), trialKey('t1')]),
      trials: new Map([['a', [trial('t1')]]]),
      components: new Map([['t1', many]])
    });
    const rows = rowsOf(tree);
    const last = rows.find(row => row.name === 'more');
    expect(last?.kind).toBe('note');
    expect(moveOf(rows, last?.key ?? null, 'Delete')).toBeNull();
  });

  it('gives every row its own key though a component hangs below two trials', () => {
    const tree = data({
      expanded: new Set([experimentKey('a'), trialKey('t1'), trialKey('t2')]),
      trials: new Map([['a', [trial('t1'), trial('t2')]]]),
      components: new Map([
        ['t1', [component('shared')]],
        ['t2', [component('shared')]]
      ])
    });
    const keys = rowsOf(tree).map(row => row.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a key in the tree', () => {
  const rows = rowsOf(
    data({
      expanded: new Set([experimentKey('a')]),
      trials: new Map([['a', [trial('t1')]]])
    })
  );
  const [a, t1, b] = rows.map(row => row.key);

  it.each([
    ['ArrowDown', a, { do: 'focus', key: t1 }],
    ['ArrowUp', t1, { do: 'focus', key: a }],
    ['End', a, { do: 'focus', key: b }],
    ['Home', b, { do: 'focus', key: a }],
    ['ArrowRight', a, { do: 'focus', key: t1 }],
    ['ArrowRight', t1, { do: 'toggle', key: t1 }],
    ['ArrowLeft', t1, { do: 'focus', key: a }],
    ['ArrowLeft', a, { do: 'toggle', key: a }],
    ['Enter', b, { do: 'open', key: b }],
    [' ', a, { do: 'toggle', key: a }],
    ['F2', b, { do: 'command', key: b, command: 'rename' }],
    ['Delete', b, { do: 'command', key: b, command: 'delete' }],
    ['<', a, { do: 'focus', key: b }],
    ['ArrowDown', b, null],
    ['Escape', a, null]
  ])('%s on %s', (key, current, wanted) => {
    expect(moveOf(rows, current, key)).toEqual(wanted);
  });

  it('does nothing in an empty tree', () => {
    expect(moveOf([], null, 'ArrowDown')).toBeNull();
  });
});

describe('a shelf', () => {
  const record = (name: string, more: object = {}) =>
    ({ name, display_name: null, ...more }) as never;

  it('lists experiments, trials and components with where they were and since when', () => {
    const rows = shelfRows(
      {
        experiments: [record('e', { deleted_at: 7 })],
        trials: [
          record('Default-Run-Group-e', { experiment_name: 'e' }),
          record('t', { experiment_name: 'e', display_name: 'T' })
        ],
        components: [
          record('c', { trials: [{ experiment_name: 'e', trial_name: 't' }] }),
          record('alone', { trials: [] })
        ]
      },
      'deleted'
    );
    expect(rows.map(row => [row.kind, row.label, row.home, row.since])).toEqual(
      [
        ['experiment', 'e', null, 7],
        ['trial', 'T', 'e', null],
        ['component', 'c', 'e', null],
        ['component', 'alone', null, null]
      ]
    );
  });
});
