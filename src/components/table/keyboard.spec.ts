import { describe, expect, it } from 'vitest';

import { moveFocus } from './keyboard';

const bounds = { rows: 100, cols: 10, page: 20 };
const go = (
  key: string,
  row: number,
  col: number,
  ctrl = false
): [number, number] | null => {
  const to = moveFocus(key, ctrl, { row, col }, bounds);
  return to === null ? null : [to.row, to.col];
};

describe('keys of the grid', () => {
  it('move by one cell and stop at the edges', () => {
    expect(go('ArrowDown', 0, 3)).toEqual([1, 3]);
    expect(go('ArrowUp', 0, 3)).toEqual([-1, 3]);
    expect(go('ArrowUp', -1, 3)).toEqual([-1, 3]);
    expect(go('ArrowDown', 99, 3)).toEqual([99, 3]);
    expect(go('ArrowLeft', 5, 0)).toEqual([5, 0]);
    expect(go('ArrowRight', 5, 9)).toEqual([5, 9]);
  });

  it('move to the ends of a row, and with Ctrl of the grid', () => {
    expect(go('Home', 5, 4)).toEqual([5, 0]);
    expect(go('End', 5, 4)).toEqual([5, 9]);
    expect(go('Home', 5, 4, true)).toEqual([0, 0]);
    expect(go('End', 5, 4, true)).toEqual([99, 9]);
    expect(go('ArrowDown', 5, 4, true)).toEqual([99, 4]);
  });

  it('move by pages', () => {
    expect(go('PageDown', 90, 1)).toEqual([99, 1]);
    expect(go('PageUp', 10, 1)).toEqual([0, 1]);
    expect(go('PageDown', -1, 1)).toEqual([19, 1]);
  });

  it('leave other keys alone, and an empty grid has only its header', () => {
    expect(go('x', 1, 1)).toBeNull();
    expect(
      moveFocus(
        'ArrowDown',
        false,
        { row: -1, col: 0 },
        { rows: 0, cols: 3, page: 1 }
      )
    ).toEqual({
      row: -1,
      col: 0
    });
    expect(
      moveFocus('End', true, { row: -1, col: 0 }, { rows: 0, cols: 3, page: 1 })
    ).toEqual({
      row: -1,
      col: 2
    });
  });
});
