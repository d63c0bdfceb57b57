import { describe, expect, it } from 'vitest';

import type {
  IStoredCurve,
  IStoredMatrix
} from '../../../components/plots/stored';
import { groupPlots, type INamedPlot } from './plots';

const curve = (title: string): INamedPlot => ({
  name: 'artifact.json',
  what: 'roc',
  plot: {
    kind: 'curve',
    title,
    x: [0, 1],
    y: [0, 1]
  } as unknown as IStoredCurve
});
const matrix: INamedPlot = {
  name: 'confusion.json',
  what: 'confusion',
  plot: { kind: 'matrix', title: '' } as IStoredMatrix
};

describe('plots of compared trials', () => {
  it('belong together by kind and title, whichever second they were made in', () => {
    const groups = groupPlots([
      [matrix, curve('ROCCurve-1700000000')],
      [curve('ROCCurve-1700000999'), curve('other')],
      []
    ]);
    expect(
      groups.map(g => [g.what, g.title, g.found.map(({ at }) => at)])
    ).toEqual([
      ['roc', 'other', [1]],
      ['roc', 'ROCCurve', [0, 1]],
      ['confusion', 'confusion.json', [0]]
    ]);
  });

  it('stand apart where one trial has two of a name', () => {
    const twice = groupPlots([[curve('roc'), curve('roc')], [curve('roc')]]);
    expect(twice.map(g => [g.title, g.found.map(({ at }) => at)])).toEqual([
      ['roc', [0, 1]],
      ['roc (2)', [0]]
    ]);
  });
});
