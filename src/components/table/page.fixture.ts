/** Pages for the tests of this room: columns from plain values. */
import type { DecodedColumn, IDecodedPage } from '../../api/decode';

type Plain = number | string | null;

/** A decoded page; a column of texts becomes a category, `null` is missing. */
export function testPage(
  names: readonly string[],
  columns: Readonly<Record<string, readonly Plain[]>> = {},
  total = names.length,
  offset = 0
): IDecodedPage {
  const decoded = new Map<string, DecodedColumn>();
  for (const [key, cells] of Object.entries(columns)) {
    decoded.set(
      key,
      cells.some(cell => typeof cell === 'string')
        ? categories(key, cells)
        : floats(key, cells)
    );
  }
  return {
    rows: names.length,
    total,
    offset,
    version: 1,
    uids: names,
    names,
    columns: decoded
  };
}

function floats(key: string, cells: readonly Plain[]): DecodedColumn {
  const missing = new Uint8Array(Math.ceil(cells.length / 8));
  const data = Float64Array.from(cells, (cell, i) => {
    if (cell === null) {
      missing[i >> 3] |= 1 << (i & 7);
    }
    return cell === null ? NaN : Number(cell);
  });
  return { key, kind: 'float', data, missing };
}

function categories(key: string, cells: readonly Plain[]): DecodedColumn {
  const values = [...new Set(cells.filter(c => c !== null).map(String))];
  const codes = Uint32Array.from(cells, cell =>
    cell === null ? 0xffffffff : values.indexOf(String(cell))
  );
  return { key, kind: 'category', values, codes };
}
