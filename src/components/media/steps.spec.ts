import { describe, expect, it } from 'vitest';

import { indexAt, stepAt, unionOf } from './steps';

describe('steps of media', () => {
  it('follows the newest while nobody chose one', () => {
    expect(stepAt([0, 10, 20], null)).toBe(20);
    expect(stepAt([], null)).toBeNull();
  });

  it('holds the last medium that came before, so that several runs stay in step', () => {
    expect(
      [-5, 0, 9, 10, 15, 99].map(step => stepAt([0, 10, 20], step))
    ).toEqual([0, 0, 0, 10, 10, 20]);
    expect(indexAt([3], 1)).toBe(0);
    expect(stepAt([], 4)).toBeNull();
  });

  it('joins the steps of several runs', () => {
    expect(unionOf([[0, 10], [5, 10, 15], []])).toEqual([0, 5, 10, 15]);
  });
});
