import { describe, expect, it } from 'vitest';

import { densities, rebin, spread } from './rebin';

const flat = { counts: [4, 4], edges: [0, 1, 2] };

describe('histograms over the same bins', () => {
  it('keep their counts, divided where bins are finer', () => {
    expect(rebin(flat, 0, 2, 4)).toEqual([2, 2, 2, 2]);
    expect(rebin(flat, -2, 2, 4)).toEqual([0, 0, 4, 4]);
    const uneven = { counts: [1, 9], edges: [0, 3, 4] };
    const found = rebin(uneven, 0, 4, 2);
    expect(found[0]).toBeCloseTo(2 / 3);
    expect(found[1]).toBeCloseTo(9 + 1 / 3);
  });

  it('stand by step, each as shares of its own fullest bin', () => {
    const picture = densities(
      [
        { step: 9, histogram: { counts: [1, 3], edges: [0, 2, 4] } },
        { step: 1, histogram: flat }
      ],
      2
    );
    expect(picture?.columns.map(one => one.step)).toEqual([1, 9]);
    expect(picture?.columns[0].shares).toEqual([1, 0]);
    expect(picture?.columns[1].shares[0]).toBeCloseTo(1 / 3);
    expect(picture).toMatchObject({ min: 0, max: 4 });
  });

  it('are nothing where one step, or one value, is all there is', () => {
    expect(densities([{ step: 1, histogram: flat }], 4)).toBeNull();
    const same = { counts: [3], edges: [5, 5] };
    const two = [1, 2].map(step => ({ step, histogram: same }));
    expect(densities(two, 4)).toBeNull();
  });

  it('are picked over all steps, with the first and the last', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => i);
    const picked = spread(steps, 100);
    expect([picked.length, picked[0], picked[99]]).toEqual([100, 0, 999]);
    expect(spread([1, 2], 100)).toEqual([1, 2]);
  });
});
