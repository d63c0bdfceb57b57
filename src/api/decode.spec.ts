import { describe, expect, it } from 'vitest';

import {
  decodeCurves,
  decodeFloats,
  decodePage,
  decodePoints,
  isMissing,
  toNumber
} from './decode';
import type { TablePage } from './types';

const b64 = (view: ArrayBufferView): string =>
  btoa(
    Array.from(
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
      byte => String.fromCharCode(byte)
    ).join('')
  );

/** An MLC1 body; `pad` moves the data to a multiple of 8. */
function body(
  header: object,
  data: number[],
  change?: (view: DataView) => void
): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil((json.length + 8) / 8) * 8 - 8;
  const buffer = new ArrayBuffer(8 + length + 8 * data.length);
  const bytes = new Uint8Array(buffer);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(new TextEncoder().encode('MLC1'));
  bytes.set(json, 8);
  const view = new DataView(buffer);
  view.setUint32(4, length, true);
  data.forEach((value, i) => view.setFloat64(8 + length + 8 * i, value, true));
  change?.(view);
  return buffer;
}

const series = {
  component: 'run',
  name: 'loss',
  context: {},
  n: 2,
  total: 9,
  level: 'downsampled',
  n_nan: 1,
  nan_x: [7, 'nan'],
  columns: ['x', 'y'],
  offset: 0
};

describe('floats', () => {
  it('keep NaN, infinity and negative zero', () => {
    const got = decodeFloats(
      b64(new Float64Array([NaN, Infinity, -Infinity, -0, 1e308]))
    );
    expect([...got]).toEqual([NaN, Infinity, -Infinity, -0, 1e308]);
  });

  it('are refused when bytes are missing', () => {
    expect(() => decodeFloats(btoa('1234567'))).toThrow(/does not add up/);
    expect(() => decodeFloats('***')).toThrow(/not base64/);
  });

  it('spelled in JSON become numbers', () => {
    expect(['nan', 'inf', '-inf', 2, null].map(toNumber)).toEqual([
      NaN,
      Infinity,
      -Infinity,
      2,
      NaN
    ]);
  });
});

describe('a table page', () => {
  const page = (): TablePage => ({
    rows: 2,
    total: 2,
    offset: 0,
    version: 5,
    uids: ['1', '2'],
    names: ['a', 'b'],
    columns: [
      {
        key: 'params.lr',
        kind: 'float',
        b64: b64(new Float64Array([0.1, 0])),
        missing: b64(new Uint8Array([0b10])),
        values: null,
        codes_b64: null
      },
      {
        key: 'status',
        kind: 'category',
        b64: null,
        missing: null,
        values: ['<b>Completed'],
        codes_b64: b64(new Uint32Array([0, 0xffffffff]))
      }
    ]
  });

  it('is decoded by column, missing cells are NaN and marked', () => {
    const { columns } = decodePage(page());
    const lr = columns.get('params.lr');
    const status = columns.get('status');
    expect(lr?.kind === 'float' && [...lr.data]).toEqual([0.1, NaN]);
    expect(
      lr?.kind === 'float' && [
        isMissing(lr.missing, 0),
        isMissing(lr.missing, 1)
      ]
    ).toEqual([false, true]);
    expect(status?.kind === 'category' && status.values[status.codes[0]]).toBe(
      '<b>Completed'
    );
  });

  it('is refused when a column is shorter than the page, or a code points nowhere', () => {
    const short = page();
    short.columns[0].b64 = b64(new Float64Array([1]));
    expect(() => decodePage(short)).toThrow(
      /params.lr has 1 values for 2 rows/
    );
    const wild = page();
    wild.columns[1].codes_b64 = b64(new Uint32Array([0, 7]));
    expect(() => decodePage(wild)).toThrow(/beyond its values/);
  });
});

describe('curves', () => {
  it('are read from the columns that their header names', () => {
    const header = {
      x: 'step',
      series: [
        series,
        {
          ...series,
          name: 'acc',
          n: 1,
          columns: ['x', 'y', 'smooth'],
          offset: 4
        }
      ]
    };
    const got = decodeCurves(body(header, [0, 1, NaN, 5, 3, 0.5, 0.25]));
    expect([...got.series[0].y]).toEqual([NaN, 5]);
    expect(got.series[0].nan_x).toEqual([7, NaN]);
    expect(got.series[0].smooth).toBeNull();
    expect([...(got.series[1].smooth ?? [])]).toEqual([0.25]);
  });

  it('are refused when the header lies about lengths', () => {
    const header = { x: 'step', series: [series] };
    expect(() => decodeCurves(body(header, [0, 1, 2]))).toThrow(
      /of 2 points in 3 numbers/
    );
    expect(() =>
      decodeCurves(
        body({ ...header, series: [{ ...series, offset: -1 }] }, [0, 1, 2, 3])
      )
    ).toThrow(/does not add up/);
    expect(() =>
      decodeCurves(
        body({ ...header, series: [{ ...series, n: 1e300 }] }, [0, 1])
      )
    ).toThrow(/does not add up/);
    expect(() =>
      decodeCurves(
        body(header, [0, 1, 2, 3], view => view.setUint32(4, 0xfffffff8, true))
      )
    ).toThrow(/header of/);
  });

  it('are refused without magic, header or JSON', () => {
    expect(() => decodeCurves(new ArrayBuffer(4))).toThrow(/4 bytes/);
    expect(() => decodeCurves(new ArrayBuffer(16))).toThrow(/MLC1/);
    expect(() => decodeCurves(body({}, []))).toThrow(/no series/);
    expect(() =>
      decodeCurves(
        body({ x: 'step', series: [] }, [], view => view.setUint8(8, 0xff))
      )
    ).toThrow(/not JSON/);
  });
});

describe('live points', () => {
  it('are three columns of one length', () => {
    const points = {
      name: 'loss',
      context: {},
      n: 2,
      b64: b64(new Float64Array([1, 2, 10, 20, 0.5, 0.25]))
    };
    const got = decodePoints(points);
    expect([[...got.step], [...got.ts], [...got.value]]).toEqual([
      [1, 2],
      [10, 20],
      [0.5, 0.25]
    ]);
    expect(() => decodePoints({ ...points, n: 3 })).toThrow(
      /6 numbers for 3 points/
    );
  });
});
