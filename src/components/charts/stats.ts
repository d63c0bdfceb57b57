/** Numbers about numbers: moments, a straight line, ranks, and Spearman's correlation. */
import type { Cell } from '../table/values';

export interface IMoments {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of the values themselves (divided by n). */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/** Moments of the finite values; null without one. */
export function momentsOf(values: readonly number[]): IMoments | null {
  let [n, mean, m2, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (Number.isFinite(value)) {
      n += 1;
      const off = value - mean;
      mean += off / n;
      m2 += off * (value - mean);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return n === 0 ? null : { n, mean, std: Math.sqrt(m2 / n), min, max };
}

/** The line of least squares, and how much of the spread it explains. */
export function fitLine(
  x: readonly number[],
  y: readonly number[]
): { slope: number; start: number; r2: number } | null {
  const n = x.length;
  const mx = x.reduce((s, v) => s + v / n, 0);
  const my = y.reduce((s, v) => s + v / n, 0);
  let [sxx, sxy, syy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    sxx += (x[i] - mx) ** 2;
    sxy += (x[i] - mx) * (y[i] - my);
    syy += (y[i] - my) ** 2;
  }
  if (n < 2 || !(sxx > 0) || !Number.isFinite(sxx + syy)) {
    return null;
  }
  const slope = sxy / sxx;
  return {
    slope,
    start: my - slope * mx,
    r2: syy === 0 ? 1 : (sxy * sxy) / (sxx * syy)
  };
}

/** Ranks from 1, equal values share their mean rank. */
export function ranksOf(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort(
    (a, b) => values[a] - values[b]
  );
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i + 1;
    while (end < order.length && values[order[end]] === values[order[i]]) {
      end += 1;
    }
    for (let j = i; j < end; j++) {
      ranks[order[j]] = (i + end + 1) / 2;
    }
    i = end;
  }
  return ranks;
}

function pearson(a: Float64Array, b: Float64Array): number | null {
  const n = a.length;
  const mean = (n + 1) / 2;
  let [saa, sab, sbb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const da = a[i] - mean;
    const db = b[i] - mean;
    saa += da * da;
    sab += da * db;
    sbb += db * db;
  }
  return saa > 0 && sbb > 0 ? sab / Math.sqrt(saa * sbb) : null;
}

/** A column of numbers; NaN where there is none. */
export function numbersOf(cells: readonly Cell[]): Float64Array {
  return Float64Array.from(cells, cell =>
    typeof cell === 'number' && Number.isFinite(cell) ? cell : NaN
  );
}

/** Fewer rows than this say nothing about a correlation. */
const LEAST = 3;
/** Milliseconds of work between two breaths. */
const SLICE = 8;

/**
 * Spearman's rank correlation of every pair over the rows that have both; null where a column
 * never changes there or fewer than three rows have both.
 *
 * Work is done in slices of some milliseconds: 10,000 rows of 30 columns without gaps take some
 * 20 ms in all, and a worker would be fed longer than that. `signal` ends it early with null.
 */
export async function spearman(
  columns: readonly Float64Array[],
  signal: AbortSignal
): Promise<(number | null)[][] | null> {
  const n = columns.length;
  const whole = columns.map(c => (c.some(Number.isNaN) ? null : ranksOf(c)));
  const out: (number | null)[][] = columns.map(() => new Array(n).fill(null));
  let from = performance.now();
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const [a, b] = [whole[i], whole[j]];
      const value =
        a !== null && b !== null
          ? a.length < LEAST
            ? null
            : pearson(a, b)
          : pairOf(columns[i], columns[j]);
      out[i][j] = out[j][i] = value;
      if (performance.now() - from > SLICE) {
        await new Promise(resolve => setTimeout(resolve, 0));
        from = performance.now();
      }
      if (signal.aborted) {
        return null;
      }
    }
  }
  return out;
}

function pairOf(a: Float64Array, b: Float64Array): number | null {
  const rows = Uint32Array.from(a, (_, i) => i).filter(
    i => !Number.isNaN(a[i]) && !Number.isNaN(b[i])
  );
  if (rows.length < LEAST) {
    return null;
  }
  const pick = (c: Float64Array): Float64Array =>
    Float64Array.from(rows, i => c[i]);
  return pearson(ranksOf(pick(a)), ranksOf(pick(b)));
}
