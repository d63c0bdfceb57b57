/**
 * Columns and curves: bytes to typed arrays, with every length checked before use.
 *
 * Floats never travel as JSON numbers (NaN and infinity would be lost): a table page holds
 * base64 of float64 little endian, curves are an MLC1 body (`mlstudio/entities/tables.py`).
 * A body that does not add up throws a StudioError `bad_body`; it never yields a shorter array.
 */
import { StudioError } from './errors';
import type { PointsEvent, Schemas, TablePage, WireNumber } from './types';

const MISSING_CODE = 0xffffffff;
const MAGIC = 0x31434c4d; // "MLC1" read as little endian u32

function bad(what: string): StudioError {
  return new StudioError(
    'bad_body',
    `The answer of the server does not add up: ${what}.`
  );
}

/** Base64 text to bytes. */
export function decodeBytes(b64: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(b64);
  } catch {
    throw bad('not base64');
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) {
    bytes[i] = binary.charCodeAt(i);
  }
  return bytes;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** float64 little endian bytes to numbers, on any host; a whole buffer is not copied. */
function floats(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0) {
    throw bad(`${bytes.length} bytes of float64`);
  }
  if (LITTLE_ENDIAN && bytes.length === bytes.buffer.byteLength) {
    return new Float64Array(bytes.buffer as ArrayBuffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out = new Float64Array(bytes.length / 8);
  for (let i = 0; i < out.length; i++) {
    out[i] = view.getFloat64(i * 8, true);
  }
  return out;
}

/** base64 of float64 little endian. */
export function decodeFloats(b64: string): Float64Array {
  return floats(decodeBytes(b64));
}

/** base64 of uint32 little endian: indexes into `values`, 0xFFFFFFFF where missing. */
export function decodeCodes(b64: string): Uint32Array {
  const bytes = decodeBytes(b64);
  if (bytes.length % 4 !== 0) {
    throw bad(`${bytes.length} bytes of uint32`);
  }
  const view = new DataView(bytes.buffer);
  const out = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < out.length; i++) {
    out[i] = view.getUint32(i * 4, true);
  }
  return out;
}

/** base64 of a bitmap. */
export function decodeBitmap(b64: string): Uint8Array {
  return decodeBytes(b64);
}

/** Whether bit `i` (least significant first) is 1; an empty bitmap misses nothing. */
export function isMissing(bitmap: Uint8Array, i: number): boolean {
  return ((bitmap[i >> 3] ?? 0) & (1 << (i & 7))) !== 0;
}

/** A float of the wire as a number; null and undefined are NaN. */
export function toNumber(
  value: WireNumber | string | null | undefined
): number {
  switch (value) {
    case null:
    case undefined:
    case 'nan':
      return NaN;
    case 'inf':
      return Infinity;
    case '-inf':
      return -Infinity;
    default:
      return Number(value);
  }
}

/** A column of numbers; `missing` is a bitmap, `data` holds NaN there too. */
export interface IFloatColumn {
  readonly key: string;
  readonly kind: 'float';
  readonly data: Float64Array;
  readonly missing: Uint8Array;
}

/** A column of texts: `values[codes[row]]`, missing where the code is 0xFFFFFFFF. */
export interface ICategoryColumn {
  readonly key: string;
  readonly kind: 'category';
  readonly values: readonly string[];
  readonly codes: Uint32Array;
}

export type DecodedColumn = IFloatColumn | ICategoryColumn;

/** A table page, decoded. */
export interface IDecodedPage {
  readonly rows: number;
  readonly total: number;
  readonly offset: number;
  readonly version: number;
  readonly uids: readonly string[];
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, DecodedColumn>;
}

function decodeColumn(column: Schemas['Column'], rows: number): DecodedColumn {
  if (column.kind === 'category') {
    const codes = decodeCodes(column.codes_b64 ?? '');
    const values = column.values ?? [];
    if (codes.length !== rows) {
      throw bad(
        `column ${column.key} has ${codes.length} codes for ${rows} rows`
      );
    }
    for (const code of codes) {
      if (code !== MISSING_CODE && code >= values.length) {
        throw bad(`column ${column.key} has a code beyond its values`);
      }
    }
    return { key: column.key, kind: 'category', values, codes };
  }
  const data = decodeFloats(column.b64 ?? '');
  const missing = decodeBitmap(column.missing ?? '');
  if (data.length !== rows) {
    throw bad(
      `column ${column.key} has ${data.length} values for ${rows} rows`
    );
  }
  if (missing.length !== 0 && missing.length < Math.ceil(rows / 8)) {
    throw bad(`column ${column.key} has a short bitmap`);
  }
  for (let i = 0; i < rows; i++) {
    if (isMissing(missing, i)) {
      data[i] = NaN;
    }
  }
  return { key: column.key, kind: 'float', data, missing };
}

/** Decode a columnar page. Throws StudioError `bad_body` when a length disagrees. */
export function decodePage(page: TablePage): IDecodedPage {
  const { rows, uids, names } = page;
  if (uids.length !== rows || names.length !== rows) {
    throw bad(`${uids.length} uids and ${names.length} names for ${rows} rows`);
  }
  const columns = new Map<string, DecodedColumn>();
  for (const column of page.columns) {
    columns.set(column.key, decodeColumn(column, rows));
  }
  return {
    rows,
    total: page.total,
    offset: page.offset ?? 0,
    version: page.version ?? 0,
    uids,
    names,
    columns
  };
}

/** One curve: its header and its columns. */
export interface ICurve {
  readonly component: string;
  readonly name: string;
  readonly context: Record<string, unknown>;
  readonly n: number;
  /** Points in the store, of which `n` were chosen. */
  readonly total: number;
  readonly level: string;
  readonly n_nan: number;
  /** x of points that are not finite (at most 100). */
  readonly nan_x: readonly number[];
  /** Epoch seconds that x of kind `relative` counts from; null for other x, or while nobody knows. */
  readonly start: number | null;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly ts: Float64Array | null;
  readonly smooth: Float64Array | null;
}

/** Curves of one request. */
export interface ICurves {
  readonly x: string;
  readonly series: readonly ICurve[];
}

interface IRawHeader {
  x: string;
  series: Schemas['CurveSeries'][];
}

function readHeader(buffer: ArrayBuffer): {
  header: IRawHeader;
  start: number;
} {
  if (buffer.byteLength < 8) {
    throw bad(`${buffer.byteLength} bytes of curves`);
  }
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) {
    throw bad('curves do not begin with MLC1');
  }
  const length = view.getUint32(4, true);
  const start = 8 + length;
  if (start > buffer.byteLength || start % 8 !== 0) {
    throw bad(`a curve header of ${length} bytes in ${buffer.byteLength}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(
        new Uint8Array(buffer, 8, length)
      )
    );
  } catch {
    throw bad('the curve header is not JSON');
  }
  if (
    typeof header !== 'object' ||
    header === null ||
    !Array.isArray((header as IRawHeader).series)
  ) {
    throw bad('the curve header has no series');
  }
  return { header: header as IRawHeader, start };
}

/** Decode an MLC1 body. Throws StudioError `bad_body` before any column is touched. */
export function decodeCurves(buffer: ArrayBuffer): ICurves {
  const { header, start } = readHeader(buffer);
  const available = Math.floor((buffer.byteLength - start) / 8);
  const column = (offset: number, n: number): Float64Array => {
    if (
      !Number.isSafeInteger(offset) ||
      !Number.isSafeInteger(n) ||
      offset < 0 ||
      n < 0 ||
      offset + n > available
    ) {
      throw bad(`a curve at ${offset} of ${n} points in ${available} numbers`);
    }
    return floats(new Uint8Array(buffer, start + offset * 8, n * 8));
  };
  const series = header.series.map((raw): ICurve => {
    const names = raw.columns ?? ['x', 'y'];
    const offset = raw.offset ?? 0;
    const part = (name: string): Float64Array | null => {
      const at = names.indexOf(name as 'x');
      return at < 0 ? null : column(offset + at * raw.n, raw.n);
    };
    const x = part('x');
    const y = part('y');
    if (x === null || y === null) {
      throw bad(`curve ${raw.name} has no x or y`);
    }
    return {
      component: raw.component,
      name: raw.name,
      context: raw.context,
      n: raw.n,
      total: raw.total,
      level: raw.level,
      n_nan: raw.n_nan,
      nan_x: (raw.nan_x ?? []).map(toNumber),
      start:
        raw.start !== undefined && raw.start !== null
          ? toNumber(raw.start)
          : null,
      x,
      y,
      ts: part('ts'),
      smooth: part('smooth')
    };
  });
  return { x: header.x, series };
}

/** New points of one series. */
export interface IPoints {
  readonly step: Float64Array;
  readonly ts: Float64Array;
  readonly value: Float64Array;
}

/** Decode the points of a live event: step, ts, value, each of length n. */
export function decodePoints(event: PointsEvent): IPoints {
  const all = decodeFloats(event.b64);
  const { n } = event;
  if (all.length !== 3 * n) {
    throw bad(`${all.length} numbers for ${n} points`);
  }
  return {
    step: all.subarray(0, n),
    ts: all.subarray(n, 2 * n),
    value: all.subarray(2 * n)
  };
}
