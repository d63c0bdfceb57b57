/**
 * The points of one drawn curve: what the server sent, and what the socket adds.
 *
 * x never decreases. A live point beyond the last x is appended, one at the last x replaces it
 * (last write wins, and an answer that crossed an event repeats no point), an older one is left to
 * the server, which says `rewritten`.
 */
import type { ICurve } from '../../api/decode';

export class CurveBuffer {
  private constructor(
    private xs: Float64Array,
    private ys: Float64Array,
    private smooths: Float64Array | null,
    public length: number,
    private points: number,
    readonly nanX: number[],
    private readonly weight: number
  ) {}

  /** `weight` is the smoothing that was asked. */
  static of(curve: ICurve, weight = 0): CurveBuffer {
    return new CurveBuffer(
      curve.x,
      curve.y,
      curve.smooth,
      curve.n,
      curve.n,
      [...curve.nan_x],
      weight
    );
  }

  get x(): Float64Array {
    return this.xs.subarray(0, this.length);
  }

  get y(): Float64Array {
    return this.ys.subarray(0, this.length);
  }

  get smooth(): Float64Array | null {
    return this.smooths?.subarray(0, this.length) ?? null;
  }

  get lastX(): number {
    return this.length === 0 ? -Infinity : this.xs[this.length - 1];
  }

  /** Points that came by events since the server's answer. */
  get appended(): number {
    return this.length - this.points;
  }

  /** Take a live point; returns whether anything changed. */
  push(x: number, y: number): boolean {
    if (Number.isNaN(x) || x < this.lastX) {
      return false;
    }
    if (x === this.lastX) {
      const at = this.length - 1;
      if (Object.is(this.ys[at], y)) {
        return false;
      }
      this.ys[at] = y;
      this.smoothAt(at);
      return true;
    }
    this.grow();
    this.xs[this.length] = x;
    this.ys[this.length] = y;
    this.length += 1;
    this.smoothAt(this.length - 1);
    if (!Number.isFinite(y) && this.nanX.length < 100) {
      this.nanX.push(x);
    }
    return true;
  }

  /** The server's debiased moving average, one point further. */
  private smoothAt(at: number): void {
    if (this.smooths === null) {
      return;
    }
    const w = this.weight;
    const y = this.ys[at];
    const before = at === 0 ? 0 : this.smooths[at - 1] * (1 - w ** at);
    if (!Number.isFinite(y)) {
      this.smooths[at] = NaN;
    } else if (!Number.isFinite(before)) {
      this.smooths[at] = y;
    } else {
      this.smooths[at] = (w * before + (1 - w) * y) / (1 - w ** (at + 1));
    }
  }

  private grow(): void {
    if (this.length < this.xs.length) {
      return;
    }
    const room = Math.max(64, this.xs.length * 2);
    const copy = (old: Float64Array): Float64Array => {
      const next = new Float64Array(room);
      next.set(old);
      return next;
    };
    this.xs = copy(this.xs);
    this.ys = copy(this.ys);
    this.smooths = this.smooths === null ? null : copy(this.smooths);
  }
}

type Aligned = (number | null | undefined)[];

/** A value that can be drawn: not finite is a gap, and on a log scale so is 0 and below. */
function drawable(y: number, log: boolean): number | null {
  if (!Number.isFinite(y) || (log && y <= 0)) {
    return null;
  }
  // Sums of two such still are finite; beyond this only the axis' label would tell the difference.
  return Math.max(-1e300, Math.min(1e300, y));
}

/**
 * Curves on one x axis, as uPlot wants them: `null` is a gap, `undefined` means that this curve
 * has no point at that x and the line passes.
 */
export function align(
  curves: readonly { x: Float64Array; y: Float64Array }[],
  log: boolean
): [number[] | Float64Array, ...Aligned[]] {
  if (curves.length === 0) {
    return [[]];
  }
  const first = curves[0].x;
  const alike = curves.every(
    ({ x }) => x.length === first.length && x.every((v, i) => v === first[i])
  );
  if (alike) {
    return [
      first.slice(),
      ...curves.map(({ y }) => Array.from(y, v => drawable(v, log)))
    ];
  }
  const xs = unionOf([...new Set(curves.map(({ x }) => x))]);
  const columns = curves.map(({ x, y }) => {
    const out: Aligned = new Array(xs.length);
    let at = 0;
    for (let j = 0; j < x.length; j++) {
      at = placeOf(xs, x[j], at);
      out[at] = drawable(y[j], log);
      at += 1;
    }
    return out;
  });
  return [xs, ...columns];
}

/** The first place from `from` on with a value of at least `wanted`, in leaps: it is near. */
function placeOf(xs: Float64Array, wanted: number, from: number): number {
  let low = from;
  let leap = 1;
  while (low + leap < xs.length && xs[low + leap] < wanted) {
    low += leap;
    leap *= 2;
  }
  let high = Math.min(low + leap, xs.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const rises = (x: Float64Array): boolean =>
  x.every((v, i) => i === 0 || v > x[i - 1]);

/**
 * All x of all curves in order; one that a curve has k times (a metric that stood still is a fine
 * x axis) stands there k times, so that no point is lost.
 */
function unionOf(all: readonly Float64Array[]): Float64Array {
  const union = new Float64Array(all.reduce((n, x) => n + x.length, 0));
  if (all.every(rises)) {
    let end = 0;
    for (const x of all) {
      union.set(x, end);
      end += x.length;
    }
    union.sort();
    return union.filter((v, i) => i === 0 || v !== union[i - 1]);
  }
  return repeatedUnion(all, union);
}

/** The union where curves have one x several times, written into `union`. */
function repeatedUnion(
  all: readonly Float64Array[],
  union: Float64Array
): Float64Array {
  const places = new Uint32Array(all.length);
  let n = 0;
  for (;;) {
    let next = Infinity;
    for (let c = 0; c < all.length; c++) {
      const x = all[c][places[c]];
      next = x < next ? x : next;
    }
    if (next === Infinity) {
      return union.slice(0, n);
    }
    let most = 0;
    for (let c = 0; c < all.length; c++) {
      const from = places[c];
      while (all[c][places[c]] === next) {
        places[c] += 1;
      }
      most = Math.max(most, places[c] - from);
    }
    union.fill(next, n, n + most);
    n += most;
  }
}

/** Extremes of a curve's finite values. */
export interface IExtremes {
  readonly min: number;
  readonly minX: number;
  readonly max: number;
  readonly maxX: number;
}

export function extremes(x: Float64Array, y: Float64Array): IExtremes | null {
  let lo = -1;
  let hi = -1;
  for (let i = 0; i < y.length; i++) {
    if (Number.isFinite(y[i])) {
      lo = lo < 0 || y[i] < y[lo] ? i : lo;
      hi = hi < 0 || y[i] > y[hi] ? i : hi;
    }
  }
  return lo < 0 ? null : { min: y[lo], minX: x[lo], max: y[hi], maxX: x[hi] };
}
