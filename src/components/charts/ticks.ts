/** Numbers beside axes: how x values are written, and the distances between ticks. */
import { formatDuration } from '../common/format';
import { formatNumber } from '../table/values';
import type { XKind } from './curves';

/** An x value for people. */
export function formatX(x: number, kind: XKind): string {
  switch (kind) {
    case 'time':
      return new Date(x * 1000).toLocaleTimeString();
    case 'relative':
      return formatDuration(Math.max(0, x) * 1000);
    default:
      return formatNumber(x);
  }
}

const ticks = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });

export function formatTick(value: number | null): string {
  if (value === null) {
    return '';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2).replace(/\.?0+e\+?/, 'e')
    : ticks.format(value);
}

/** A tick of seconds since the start: short ones keep their digits, 0.25 s is not 0.3 s. */
export function formatSince(seconds: number): string {
  return Math.abs(seconds) < 60
    ? `${ticks.format(seconds)} s`
    : formatX(seconds, 'relative');
}

const powers = (
  mults: readonly number[],
  low: number,
  high: number
): number[] =>
  Array.from({ length: high - low }, (_, i) =>
    mults.map(n => Number(`${n}e${low + i}`))
  ).flat();

/** Distances between ticks of steps: there is no step 2.5. */
export const WHOLE_STEPS = powers([1, 2, 5], 0, 16);

/** Distances between ticks of values, to the end of float64; uPlot's own list ends at 1e32. */
export const ALL_STEPS = powers([1, 2, 2.5, 5], -32, 308);
