import { expect, it } from 'vitest';

import { yRange } from './plot';

it('gives shares no room beyond 0 and 100 percent, where none lies there', () => {
  const shares = yRange(false, () => null, 'percent');
  expect(shares(null, 100, 100)).toEqual([90, 100]);
  expect(shares(null, 0, 0)).toEqual([0, 1]);
  expect(shares(null, 0, 100)).toEqual([0, 100]);
  expect(shares(null, 40, 60)).toEqual([38.8, 61.2]);
  // Eight cores of one process: what was measured is in sight.
  expect(shares(null, 0, 800)).toEqual([0, 800]);
  expect(yRange(false, () => null)(null, 100, 100)).toEqual([90, 110]);
});
