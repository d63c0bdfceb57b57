/** Where the y axis ends when outliers are left outside. */
import type { ILineData } from './plotColumns';

/** Quantiles between which the axis stands. */
export const CLIP: readonly [number, number] = [0.01, 0.99];
/** Room beyond them, as a share of their distance. */
const ROOM = 0.15;
/** Values that are looked at; of more, an even share. */
const MOST = 20_000;

/** The value at a share of sorted numbers, between neighbours by their distance. */
export function quantile(
  sorted: ArrayLike<number>,
  share: number
): number | null {
  const n = sorted.length;
  if (n === 0) {
    return null;
  }
  const at = Math.max(0, Math.min(1, share)) * (n - 1);
  const low = Math.floor(at);
  const high = Math.min(n - 1, low + 1);
  return sorted[low] * (1 - (at - low)) + sorted[high] * (at - low);
}

/** y ends that hold all but the outliers of the lines, or null where nothing is left outside. */
export function clipRange(
  lines: readonly ILineData[],
  log: boolean
): [number, number] | null {
  const total = lines.reduce((n, line) => n + line.length, 0);
  const step = Math.max(1, Math.ceil(total / MOST));
  const values: number[] = [];
  let [min, max] = [Infinity, -Infinity];
  for (const { y } of lines) {
    for (let i = 0; i < y.length; i++) {
      const value = y[i];
      if (Number.isFinite(value) && (!log || value > 0)) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        if (i % step === 0) {
          values.push(value);
        }
      }
    }
  }
  values.sort((a, b) => a - b);
  const low = quantile(values, CLIP[0]);
  const high = quantile(values, CLIP[1]);
  if (low === null || high === null || high <= low) {
    return null;
  }
  const [from, to] = log
    ? [low / (high / low) ** ROOM, high * (high / low) ** ROOM]
    : [low - (high - low) * ROOM, high + (high - low) * ROOM];
  const ends: [number, number] = [Math.max(min, from), Math.min(max, to)];
  return ends[0] > min || ends[1] < max ? ends : null;
}

/** How many of the drawn values are outside. */
export function outside(
  lines: readonly ILineData[],
  range: readonly [number, number]
): number {
  let n = 0;
  for (const { y } of lines) {
    for (const value of y) {
      n += value < range[0] || value > range[1] ? 1 : 0;
    }
  }
  return n;
}
