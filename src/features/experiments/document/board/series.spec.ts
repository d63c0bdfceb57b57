import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { IRowSource } from '../../../../components/table';
import { newCard } from './model';
import { groupsFor, seriesOf } from './series';

const trans = nullTranslator.load('mlstudio');
const label = (run: string): string => run.toUpperCase();

describe('the series of a card of curves', () => {
  it('are the plain ones while nobody knows the contexts', () => {
    const ids = seriesOf(['loss'], ['a', 'b'], { of: () => null }, label);
    expect(ids).toEqual([
      {
        component: 'a',
        name: 'loss',
        context: {},
        label: label('a'),
        style: 'a'
      },
      {
        component: 'b',
        name: 'loss',
        context: {},
        label: label('b'),
        style: 'b'
      }
    ]);
  });

  it('have a line for each context, told apart by dashes where runs have colours', () => {
    const val = { subset: 'val' };
    const of = (run: string): { subset?: string }[] =>
      run === 'a' ? [{}, val] : run === 'b' ? [val] : [];
    const ids = seriesOf(['loss'], ['a', 'b', 'c'], { of }, label);
    expect(ids.map(id => [id.component, id.label, id.dash])).toEqual([
      ['a', 'A', []],
      ['a', 'A · subset=val', [6, 4]],
      ['b', 'B · subset=val', [6, 4]]
    ]);
  });

  it('of one run differ by colour', () => {
    const ids = seriesOf(['loss', 'acc'], ['a'], { of: () => null }, label);
    expect(ids.map(id => id.style)).toEqual(['variant:loss', 'variant:acc']);
    expect(ids.map(id => id.dash)).toEqual([undefined, undefined]);
  });
});

describe('the groups of a card of curves', () => {
  const cells: Record<string, string | number | null> = {
    a: 'adam',
    b: 3,
    c: null
  };
  const rows = {
    indexOf: (name: string) => ['a', 'b', 'c'].indexOf(name),
    cell: (row: number) => cells['abc'[row]]
  } as unknown as IRowSource;
  const card = { ...newCard('curves', 'c'), metrics: ['loss'] };

  it('are those of the table unless the card says otherwise', () => {
    const runs = ['a', 'b', 'c'];
    expect(groupsFor(card, rows, runs, [], trans)).toBeUndefined();
    const none = { ...card, group: '' };
    expect(groupsFor(none, rows, runs, ['params.opt'], trans)).toBeUndefined();
    const groups = groupsFor(card, rows, runs, ['params.opt'], trans);
    const of = (component: string): string | undefined =>
      groups?.of({ component, name: 'loss' });
    expect(runs.map(of)).toEqual(['opt = adam', 'opt = 3', 'opt = n/a']);
    expect(of('stranger')).toBeUndefined();
  });

  it('keep metrics and contexts apart', () => {
    const two = { ...card, metrics: ['loss', 'acc'], group: 'params.opt' };
    const groups = groupsFor(two, rows, ['a'], [], trans);
    const id = { component: 'a', name: 'acc', context: { subset: 'val' } };
    expect(groups?.of(id)).toBe('acc · subset=val · opt = adam');
  });
});
