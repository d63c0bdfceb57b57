import { describe, expect, it } from 'vitest';

import { CurveBuffer } from './buffer';
import type { IPlotLine } from './plotColumns';
import { spanOf } from './span';

const bufferOf = (...x: number[]): CurveBuffer =>
  CurveBuffer.of({
    x: Float64Array.from(x),
    y: Float64Array.from(x),
    smooth: null,
    n: x.length,
    nan_x: []
  } as unknown as Parameters<typeof CurveBuffer.of>[0]);
const line = (...x: number[]): IPlotLine =>
  ({ buffer: bufferOf(...x) }) as unknown as IPlotLine;

describe('the span of curves', () => {
  it('reaches from the first to the last point of all', () => {
    expect(spanOf([line(3, 5), line(), line(1, 4)])).toEqual([1, 5]);
    expect(spanOf([line(7)])).toEqual([7, 7]);
  });

  it('is none without points', () => {
    expect(spanOf([])).toBeNull();
    expect(spanOf([line()])).toBeNull();
  });

  it('grows with live points', () => {
    const live = bufferOf(1, 2);
    live.push(9, 0);
    const drawn = { buffer: live } as unknown as IPlotLine;
    expect(spanOf([drawn])).toEqual([1, 9]);
  });
});
