import { describe, expect, it } from 'vitest';

import { joined, totalOf } from './parts';

describe('the parts of a component', () => {
  it('are counted by the server where it left some out', () => {
    const totals = {
      params: 2,
      tags: 0,
      inputs: 0,
      outputs: 0,
      metrics: 100_000,
      trials: 1
    };
    expect(totalOf({ totals }, 'metrics', 1000)).toBe(100_000);
    expect(totalOf({ totals: null }, 'metrics', 3)).toBe(3);
  });

  it('that came in between are counted too', () => {
    const totals = {
      params: 0,
      tags: 0,
      inputs: 0,
      outputs: 0,
      metrics: 4,
      trials: 0
    };
    expect(totalOf({ totals }, 'metrics', 5)).toBe(5);
  });

  it('are one list, with the newest count', () => {
    const page = (items: number[], total: number) => ({
      items,
      total,
      next: null
    });
    expect(
      joined({ pages: [page([1, 2], 3), page([3], 4)], pageParams: ['', 'x'] })
    ).toEqual({ items: [1, 2, 3], total: 4 });
    expect(joined(undefined)).toEqual({ items: [], total: 0 });
  });
});
