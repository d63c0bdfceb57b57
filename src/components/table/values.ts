/**
 * How a cell is written, and how two cells compare.
 *
 * A cell is a number (NaN and infinities are values), a text, `null` where the row has no such
 * value, or `undefined` while it is being fetched. Nothing is ever rounded to 0 or hidden.
 */
import { formatDuration, localized } from '../common/format';
import type { ColumnFormat } from './columns';

export type Cell = number | string | null | undefined;

const plain = localized(
  language => new Intl.NumberFormat(language, { maximumSignificantDigits: 6 })
);
const whole = localized(
  language => new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
);

/** A number with at most 6 significant digits; whole numbers up to 2^53 in full. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? 'Inf' : '-Inf';
  }
  if (Object.is(value, -0)) {
    return '-0';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) {
    return whole().format(value);
  }
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return value.toExponential(4).replace(/\.?0+e/, 'e');
  }
  return plain().format(value);
}

const day: Intl.DateTimeFormatOptions = { month: 'short', day: '2-digit' };
const clock: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  hour12: false
};
const thisYear = localized(
  language => new Intl.DateTimeFormat(language, { ...day, ...clock })
);
const otherYear = localized(
  language => new Intl.DateTimeFormat(language, { ...day, year: 'numeric' })
);

/** Microseconds since the epoch as local day and time; without the time in other years. */
export function formatTime(micros: number): string {
  const date = new Date(micros / 1000);
  if (Number.isNaN(date.getTime())) {
    return formatNumber(micros);
  }
  const now = date.getFullYear() === new Date().getFullYear();
  return (now ? thisYear() : otherYear()).format(date);
}

const dayOnly = localized(language => new Intl.DateTimeFormat(language, day));

/** Microseconds since the epoch as a local day; with the year in other years. */
export function formatDay(micros: number): string {
  const date = new Date(micros / 1000);
  if (Number.isNaN(date.getTime())) {
    return formatNumber(micros);
  }
  const now = date.getFullYear() === new Date().getFullYear();
  return (now ? dayOnly() : otherYear()).format(date);
}

/** A cell as text; empty where the value is missing or on its way. */
export function formatCell(value: Cell, format: ColumnFormat): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'string') {
    return format === 'flag' ? (value === 'true' ? '★' : '') : value;
  }
  switch (format) {
    case 'time':
      return formatTime(value);
    case 'duration':
      return Number.isFinite(value)
        ? formatDuration(value * 1000)
        : formatNumber(value);
    case 'flag':
      return value ? '★' : '';
    default:
      return formatNumber(value);
  }
}

/** A cell for other programs: full precision, no grouping, times as ISO 8601. */
export function rawCell(value: Cell, format: ColumnFormat): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'string') {
    return value;
  }
  if (format === 'time' && Number.isFinite(value)) {
    const date = new Date(value / 1000);
    return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
  }
  return Number.isFinite(value) && !Object.is(value, -0)
    ? String(value)
    : formatNumber(value);
}

/** Numbers that the wire spells as text. */
export function spelled(text: string): number | null {
  switch (text) {
    case 'nan':
      return NaN;
    case 'inf':
      return Infinity;
    case '-inf':
      return -Infinity;
    default:
      return null;
  }
}

/**
 * Which of three shelves a number stands on: 0 finite, 1 not finite, 2 missing.
 *
 * Shelves keep their order in both directions, so that NaN and missing are always last.
 */
export function shelf(value: number, missing: boolean): 0 | 1 | 2 {
  return missing ? 2 : Number.isFinite(value) ? 0 : 1;
}
