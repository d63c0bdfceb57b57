/** Where the focus of a grid goes for a key: the pattern of WAI-ARIA's data grid, pure. */

/** A cell; row -1 is the header. */
export interface IPlace {
  readonly row: number;
  readonly col: number;
}

export interface IBounds {
  readonly rows: number;
  readonly cols: number;
  /** Rows that a page key skips. */
  readonly page: number;
}

/** The place after a key, or null when the key does not move. */
export function moveFocus(
  key: string,
  ctrl: boolean,
  from: IPlace,
  bounds: IBounds
): IPlace | null {
  const lastRow = bounds.rows - 1;
  const lastCol = Math.max(0, bounds.cols - 1);
  const at = (row: number, col: number): IPlace => ({
    row: Math.max(-1, Math.min(lastRow, row)),
    col: Math.max(0, Math.min(lastCol, col))
  });
  const { row, col } = from;
  switch (key) {
    case 'ArrowUp':
      return ctrl ? at(0, col) : at(row - 1, col);
    case 'ArrowDown':
      return ctrl ? at(lastRow, col) : at(row + 1, col);
    case 'ArrowLeft':
      return ctrl ? at(row, 0) : at(row, col - 1);
    case 'ArrowRight':
      return ctrl ? at(row, lastCol) : at(row, col + 1);
    case 'Home':
      return ctrl ? at(Math.min(0, lastRow), 0) : at(row, 0);
    case 'End':
      return ctrl ? at(lastRow, lastCol) : at(row, lastCol);
    case 'PageUp':
      return at(Math.max(Math.min(0, lastRow), row - bounds.page), col);
    case 'PageDown':
      return at(row + bounds.page, col);
    default:
      return null;
  }
}
