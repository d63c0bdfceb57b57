/** Numbers beside axes: how x values are written, and the distances between ticks. */
import { formatDuration, locale, localized } from '../common/format';
import { formatMeasure, type Unit } from '../common/measures';
import { formatNumber } from '../table/values';
import type { XKind } from './curves';

const moment = localized(
  language =>
    new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'medium'
    })
);

/** An x value for people. */
export function formatX(x: number, kind: XKind): string {
  switch (kind) {
    case 'time':
      // With its day: the ends of a curve may lie on several.
      return moment().format(x * 1000);
    case 'relative':
      return formatDuration(Math.max(0, x) * 1000);
    default:
      return formatNumber(x);
  }
}

/** A y value for people, with its unit where it has one. */
export const formatValue = (value: number, unit?: Unit): string =>
  unit === undefined ? formatNumber(value) : formatMeasure(value, unit);

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

/** A tick of values, with their unit where they have one. */
export const formatValueTick = (value: number | null, unit?: Unit): string =>
  value === null || unit === undefined
    ? formatTick(value)
    : formatMeasure(value, unit);

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

/** Distances between ticks of bytes: powers of two, so that binary units come out whole. */
export const BINARY_STEPS = Array.from({ length: 61 }, (_, i) => 2 ** i);

const DAY = 86400;

/**
 * Ticks of a clock axis, in seconds of the epoch: hours and minutes, seconds where ticks are close,
 * the day below the first one and below each that begins another.
 */
export function formatClock(at: readonly number[], step: number): string[] {
  const time = new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    ...(step < 60 ? { second: '2-digit' } : {}),
    ...(step < 1 ? { fractionalSecondDigits: step < 0.1 ? 2 : 1 } : {}),
    hour12: false
  });
  const day = new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    ...(step >= 300 * DAY ? { year: 'numeric' } : {})
  });
  let before = '';
  return at.map(seconds => {
    const date = new Date(seconds * 1000);
    const today = day.format(date);
    const first = today !== before;
    before = today;
    return step >= DAY
      ? today
      : first
        ? `${time.format(date)}\n${today}`
        : time.format(date);
  });
}

/** Round numbers between two ends, about `most` of them. */
export function roundTicks(
  min: number,
  max: number,
  log: boolean,
  most = 6
): number[] {
  if (!(max > min)) {
    return [min];
  }
  if (log) {
    const from = Math.ceil(Math.log10(min) - 1e-9);
    const to = Math.floor(Math.log10(max) + 1e-9);
    const every = Math.max(1, Math.ceil((to - from) / most));
    return Array.from(
      { length: Math.max(0, Math.floor((to - from) / every) + 1) },
      (_, i) => 10 ** (from + i * every)
    );
  }
  const rough = max / most - min / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find(n => n * power >= rough) ?? 10) * power;
  const first = Math.ceil(min / step);
  const count = Math.min(50, Math.floor(max / step) - first + 1);
  return Array.from(
    { length: Math.max(0, count) },
    (_, i) => (first + i) * step
  );
}
