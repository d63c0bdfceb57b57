/**
 * The geometry of parallel coordinates: values to heights, brushes to masks. No canvas here.
 *
 * Each axis maps its column to 0 (bottom) … 1 (top): on a log scale when all values are positive
 * and span more than 1000, categories by rank in natural order. What is missing or not finite
 * stands on a separate tick below, at `NA`.
 */
import { naturalOrder } from '../table/columns';
import { formatNumber, type Cell } from '../table/values';
import { roundTicks } from './ticks';

/** The height of missing values, below the axis; as float32, so that it equals itself in `heights`. */
export const NA = Math.fround(-0.09);
export const BUCKETS = 16;
const MISSING_LABEL = 'n/a';
const LOG_SPAN = 1000;

export type AxisKind = 'linear' | 'log' | 'category';

export interface IAxis {
  readonly key: string;
  readonly label: string;
  readonly kind: AxisKind;
  /** Heights of the rows; `NA` where missing. */
  readonly heights: Float32Array;
  /** Ends of the axis in data units; for categories 0 and n - 1. */
  readonly min: number;
  readonly max: number;
  readonly values: readonly string[];
  readonly hasMissing: boolean;
}

/** An interval of heights, low ≤ high. */
export type Interval = readonly [number, number];
/** Intervals by axis key: AND between axes, OR within one. */
export type Brushes = ReadonlyMap<string, readonly Interval[]>;

export function buildAxis(
  key: string,
  label: string,
  cells: readonly Cell[]
): IAxis {
  const texts = cells.some(cell => typeof cell === 'string');
  return texts
    ? categoryAxis(key, label, cells)
    : numberAxis(key, label, cells);
}

function numberAxis(key: string, label: string, cells: readonly Cell[]): IAxis {
  let min = Infinity;
  let max = -Infinity;
  for (const cell of cells) {
    if (typeof cell === 'number' && Number.isFinite(cell)) {
      min = Math.min(min, cell);
      max = Math.max(max, cell);
    }
  }
  const none = min > max;
  const kind: AxisKind =
    !none && min > 0 && max / min > LOG_SPAN ? 'log' : 'linear';
  const axis = {
    key,
    label,
    kind,
    min: none ? 0 : min,
    max: none ? 0 : max,
    values: []
  };
  let hasMissing = false;
  const heights = Float32Array.from(cells, cell => {
    if (typeof cell !== 'number' || !Number.isFinite(cell)) {
      hasMissing = true;
      return NA;
    }
    return heightOf(axis, cell);
  });
  return { ...axis, heights, hasMissing };
}

function categoryAxis(
  key: string,
  label: string,
  cells: readonly Cell[]
): IAxis {
  const textOf = (cell: Cell): string | null =>
    cell === null || cell === undefined
      ? null
      : typeof cell === 'number'
        ? formatNumber(cell)
        : cell;
  const found = new Set<string>();
  cells.forEach(cell => {
    const text = textOf(cell);
    if (text !== null) {
      found.add(text);
    }
  });
  const values = [...found].sort(naturalOrder.compare);
  const ranks = new Map(values.map((text, i) => [text, i]));
  const axis = {
    key,
    label,
    kind: 'category' as const,
    min: 0,
    max: values.length - 1,
    values
  };
  let hasMissing = false;
  const heights = Float32Array.from(cells, cell => {
    const rank = ranks.get(textOf(cell) ?? '\u0000none');
    if (rank === undefined) {
      hasMissing = true;
      return NA;
    }
    return heightOf(axis, rank);
  });
  return { ...axis, heights, hasMissing };
}

/** A value in data units as a height; all equal values stand in the middle. */
export function heightOf(
  axis: { kind: AxisKind; min: number; max: number },
  value: number
): number {
  const { kind, min, max } = axis;
  if (max <= min) {
    return 0.5;
  }
  if (kind === 'log') {
    return Math.log(value / min) / Math.log(max / min);
  }
  // Halves first: max - min of two huge values may not be finite.
  return (value / 2 - min / 2) / (max / 2 - min / 2);
}

/** The data value at a height. */
export function valueOf(
  axis: { kind: AxisKind; min: number; max: number },
  height: number
): number {
  const { kind, min, max } = axis;
  const h = Math.max(0, Math.min(1, height));
  return kind === 'log' ? min * (max / min) ** h : min * (1 - h) + max * h;
}

/** A height as text, for tick labels and screen readers. */
export function labelAt(axis: IAxis, height: number): string {
  const value = valueOf(axis, height);
  return axis.kind === 'category'
    ? (axis.values[Math.round(value)] ?? '')
    : formatNumber(Number(value.toPrecision(4)));
}

/** A tick: where it stands and what is written there. */
export interface IAxisTick {
  readonly height: number;
  readonly label: string;
  /** The number that the label is of; none: a category, or what is missing. */
  readonly value?: number;
}

/** Ticks nearer to an end than this share of the axis would touch its number. */
const NEAR = 0.1;

/**
 * Heights and labels of an axis' ticks, about `most` of them: the ends as they are, in three
 * digits, and round numbers between them.
 */
export function ticksOf(axis: IAxis, most = 6): IAxisTick[] {
  const ticks: IAxisTick[] = [];
  if (axis.kind === 'category') {
    const every = Math.max(1, Math.ceil(axis.values.length / most));
    axis.values.forEach((label, i) => {
      if (i % every === 0) {
        ticks.push({ height: heightOf(axis, i), label });
      }
    });
  } else if (axis.heights.some(h => h !== NA)) {
    const { min, max, kind } = axis;
    const between =
      max > min
        ? roundTicks(min, max, kind === 'log', most - 1).filter(value => {
            const height = heightOf(axis, value);
            return height > NEAR && height < 1 - NEAR;
          })
        : [];
    const values = max > min ? [min, ...between, max] : [min];
    for (const value of values) {
      ticks.push({
        height: heightOf(axis, value),
        label: fitNumber(value, Infinity),
        value
      });
    }
  }
  if (axis.hasMissing) {
    ticks.push({ height: NA, label: MISSING_LABEL });
  }
  return ticks;
}

/** A number in so many letters, if need be with fewer digits: a cut number would be another one. */
export function fitNumber(value: number, letters: number): string {
  for (const digits of [3, 2, 1]) {
    const text =
      Number.isInteger(value) && Math.abs(value) < 1e5
        ? formatNumber(value)
        : formatNumber(Number(value.toPrecision(digits)));
    if (text.length <= letters) {
      return text;
    }
  }
  return value.toExponential(0).replace('e+', 'e');
}

/** A tick's label in so many letters. */
export function tickText(tick: IAxisTick, letters: number): string {
  if (tick.value !== undefined) {
    return fitNumber(tick.value, letters);
  }
  const { label } = tick;
  return label.length > letters ? `${label.slice(0, letters - 1)}…` : label;
}

/** 1 for rows that pass every brushed axis. */
export function maskOf(
  axes: readonly IAxis[],
  brushes: Brushes,
  rows: number
): Uint8Array {
  const mask = new Uint8Array(rows).fill(1);
  for (const axis of axes) {
    const intervals = brushes.get(axis.key);
    if (intervals === undefined || intervals.length === 0) {
      continue;
    }
    for (let i = 0; i < rows; i++) {
      const h = axis.heights[i];
      // A hair of room: float32 heights of the very ends.
      if (
        mask[i] === 1 &&
        !intervals.some(([lo, hi]) => h >= lo - 1e-6 && h <= hi + 1e-6)
      ) {
        mask[i] = 0;
      }
    }
  }
  return mask;
}

/** Bucket 0 … 15 of each row by its height on the objective; 255 where it has none. */
export function bucketsOf(axis: IAxis | undefined, rows: number): Uint8Array {
  const out = new Uint8Array(rows).fill(axis === undefined ? 0 : 255);
  for (let i = 0; axis !== undefined && i < rows; i++) {
    const h = axis.heights[i];
    if (h !== NA) {
      out[i] = Math.min(BUCKETS - 1, Math.floor(h * BUCKETS));
    }
  }
  return out;
}

/** How opaque one of n lines is. */
export function alphaOf(n: number): number {
  return Math.max(0.03, Math.min(1, 200 / Math.max(1, n)));
}

/**
 * Rows to draw when there are too many: the best `keep` (lowest and highest halves of the
 * objective) and an even share of the rest, in their order.
 */
export function sampleRows(
  axis: IAxis | undefined,
  rows: number,
  most = 50_000,
  keep = 1000
): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  if (rows <= most) {
    return all;
  }
  const chosen = new Uint8Array(rows);
  if (axis !== undefined) {
    const ranked = all
      .filter(i => axis.heights[i] !== NA)
      .sort((a, b) => axis.heights[a] - axis.heights[b]);
    ranked.subarray(0, keep / 2).forEach(i => (chosen[i] = 1));
    ranked
      .subarray(Math.max(0, ranked.length - keep / 2))
      .forEach(i => (chosen[i] = 1));
  }
  const step = rows / Math.max(1, most - keep);
  for (let at = 0; at < rows; at += step) {
    chosen[Math.floor(at)] = 1;
  }
  return all.filter(i => chosen[i] === 1);
}

/** The brush after a drag from one height to another; a click without a drag clears the axis. */
export function brushed(
  brushes: Brushes,
  key: string,
  from: number,
  to: number,
  add: boolean
): Brushes {
  const next = new Map(brushes);
  const clamp = (h: number): number => Math.max(NA, Math.min(1, h));
  const low = clamp(Math.min(from, to));
  const high = clamp(Math.max(from, to));
  if (high - low < 0.008) {
    next.delete(key);
    return next;
  }
  const old = add ? (next.get(key) ?? []) : [];
  next.set(key, [...old, [low, high]]);
  return next;
}

/** Move one bound of an axis by keyboard; the whole axis is the brush that is none. */
export function moveBound(
  brushes: Brushes,
  key: string,
  end: 'low' | 'high',
  to: number
): Brushes {
  const [low, high] = boundsOf(brushes, key);
  const at = Math.max(0, Math.min(1, to));
  const interval: Interval =
    end === 'low' ? [Math.min(at, high), high] : [low, Math.max(at, low)];
  const next = new Map(brushes);
  if (interval[0] <= 0 && interval[1] >= 1) {
    next.delete(key);
  } else {
    next.set(key, [interval]);
  }
  return next;
}

/** The outer bounds of an axis' brush, 0 and 1 where there is none. */
export function boundsOf(brushes: Brushes, key: string): Interval {
  const intervals = brushes.get(key);
  return intervals === undefined || intervals.length === 0
    ? [0, 1]
    : [
        Math.min(...intervals.map(i => i[0])),
        Math.max(...intervals.map(i => i[1]))
      ];
}
