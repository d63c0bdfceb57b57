/**
 * Several curves as one: their mean and a band around it.
 *
 * Curves are read on a common grid, each by straight lines between its points and only between its
 * own first and last x: where a run has ended it no longer counts. A value that is not finite is no
 * value there.
 */
import type { ILineData } from './plotColumns';

/** What the band shows: lowest to highest, or one standard deviation (of the runs) to each side. */
export type BandKind = 'range' | 'std';

/** Points of the grid; as many as a chart has pixels, about. */
const MOST = 1000;

interface ISource {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export function groupLine(
  curves: readonly ILineData[],
  band: BandKind,
  smooth: boolean,
  most = MOST
): ILineData {
  const sources = curves
    .filter(c => c.length > 0)
    .map((c): ISource => ({ x: c.x, y: smooth ? (c.smooth ?? c.y) : c.y }));
  const x = gridOf(sources, most);
  const n = x.length;
  const count = new Float64Array(n);
  const mean = new Float64Array(n);
  const m2 = new Float64Array(n);
  const low = new Float64Array(n).fill(Infinity);
  const high = new Float64Array(n).fill(-Infinity);
  for (const source of sources) {
    let j = 0;
    for (let i = 0; i < n; i++) {
      while (j < source.x.length - 1 && source.x[j + 1] <= x[i]) {
        j += 1;
      }
      const value = readAt(source, j, x[i]);
      if (Number.isFinite(value)) {
        count[i] += 1;
        const off = value - mean[i];
        mean[i] += off / count[i];
        m2[i] += off * (value - mean[i]);
        low[i] = Math.min(low[i], value);
        high[i] = Math.max(high[i], value);
      }
    }
  }
  for (let i = 0; i < n; i++) {
    if (count[i] === 0) {
      mean[i] = low[i] = high[i] = NaN;
    } else if (band === 'std') {
      const spread = Math.sqrt(m2[i] / count[i]);
      low[i] = mean[i] - spread;
      high[i] = mean[i] + spread;
    }
  }
  return { x, y: mean, smooth: null, high, low, length: n, nanX: [] };
}

/** The value at `x`, which is not left of point `j`; NaN outside the curve. */
function readAt({ x, y }: ISource, j: number, at: number): number {
  if (at < x[j] || (j === x.length - 1 && at > x[j])) {
    return NaN;
  }
  if (at === x[j]) {
    return y[j];
  }
  const share = (at - x[j]) / (x[j + 1] - x[j]);
  return y[j] * (1 - share) + y[j + 1] * share;
}

/** The x values of all curves where they are few, else an even grid with both ends. */
function gridOf(curves: readonly ISource[], most: number): Float64Array {
  const all = new Set<number>();
  let [min, max] = [Infinity, -Infinity];
  for (const { x } of curves) {
    min = Math.min(min, x[0]);
    max = Math.max(max, x[x.length - 1]);
    for (let i = 0; i < x.length && all.size <= most; i++) {
      all.add(x[i]);
    }
  }
  if (all.size <= most) {
    return Float64Array.from(all).sort();
  }
  return Float64Array.from({ length: most }, (_, i) => {
    const share = i / (most - 1);
    return min * (1 - share) + max * share;
  });
}
