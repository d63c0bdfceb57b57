/** Numbers, times and sizes as people read them, in the language of the application. */
import { toNumber } from '../../api/decode';
import type { WireNumber } from '../../api/types';

/** The language of the page, as Lab sets it. */
export function locale(): string | undefined {
  return document.documentElement.lang || undefined;
}

/** Something of the page's language, made once for each: making a format takes longer than using it. */
export function localized<T>(
  make: (language: string | undefined) => T
): () => T {
  let known: { language: string | undefined; value: T } | null = null;
  return () => {
    const language = locale();
    if (known === null || known.language !== language) {
      known = { language, value: make(language) };
    }
    return known.value;
  };
}

const whole = localized(
  language => new Intl.NumberFormat(language, { maximumSignificantDigits: 15 })
);
const six = localized(
  language => new Intl.NumberFormat(language, { maximumSignificantDigits: 6 })
);
const moment = localized(
  language =>
    new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'medium'
    })
);

/** A number with enough digits to tell two runs apart; NaN and infinity by name. */
export function formatNumber(
  value: WireNumber | string | null | undefined
): string {
  if (value === null || value === undefined) {
    return '–';
  }
  const number = toNumber(value);
  if (Number.isNaN(number)) {
    return 'NaN';
  }
  if (!Number.isFinite(number)) {
    return number > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return number.toExponential(4).replace(/\.?0+e/, 'e');
  }
  return (Number.isInteger(number) ? whole() : six()).format(number);
}

/** Microseconds since the epoch as a local date and time. */
export function formatTime(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) {
    return '–';
  }
  const when = new Date(micros / 1000);
  return Number.isNaN(when.getTime()) ? '–' : moment().format(when);
}

/** A length of time in ms: "0.4 s", "12 s", "3 min 05 s", "2 h 03 min", "4 d 2 h". Never negative. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${Math.floor(seconds)} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  }
  if (seconds < 86400) {
    return `${Math.floor(seconds / 3600)} h ${two((seconds % 3600) / 60)} min`;
  }
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

/** How long from start to end (or now), both microseconds; null without a start. */
export function elapsed(
  start: number | null | undefined,
  end: number | null | undefined,
  nowMs: number
): number | null {
  if (start === null || start === undefined) {
    return null;
  }
  return Math.max(0, (end ?? nowMs * 1000) - start) / 1000;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes, decimal units. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) {
    return '–';
  }
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
