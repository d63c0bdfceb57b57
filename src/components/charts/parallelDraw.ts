/** Drawing parallel coordinates: one path and one stroke for each of 16 colours. */
import {
  alphaOf,
  bucketsOf,
  BUCKETS,
  NA,
  ticksOf,
  tickText,
  type Brushes,
  type IAxis
} from './parallel';
import { scaleColor } from './palette';
import { withAlpha, type IChartTheme } from './theme';

/** Lines of which each is no longer followed by eye. */
const MANY = 300;

export interface IParallelBox {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** Whether titles stand in two lines by turns. */
  readonly staggered: boolean;
}

/** Axes that are this far apart have room for titles side by side and long tick labels. */
const ROOMY = 74;
/** Axes stand at least so far apart; below that the chart scrolls. */
const TIGHTEST = 44;

/**
 * The box of so many axes in a width. In little room axes move together, their titles stand in two
 * lines by turns, and tick labels are cut; only below `TIGHTEST` the box is wider than its host.
 */
export function boxOf(
  width: number,
  height: number,
  axes: number
): IParallelBox {
  const gaps = Math.max(1, axes - 1);
  const [left, roomy, tight] = [14, 70, 44];
  const right = (width - left - roomy) / gaps >= ROOMY ? roomy : tight;
  const least = left + tight + gaps * TIGHTEST;
  const whole = Math.max(width, least);
  const staggered = (whole - left - right) / gaps < ROOMY;
  return {
    width: whole,
    height,
    top: staggered ? 48 : 34,
    bottom: 34,
    left,
    right,
    staggered
  };
}

/** Pixels from an axis to the next. */
export const gapOf = (box: IParallelBox, count: number): number =>
  (box.width - box.left - box.right) / Math.max(1, count - 1);

/** x of an axis. */
export function axisX(box: IParallelBox, index: number, count: number): number {
  const inner = box.width - box.left - box.right;
  return count < 2
    ? box.left + inner / 2
    : box.left + (inner * index) / (count - 1);
}

/** y of a height. */
export function heightY(box: IParallelBox, height: number): number {
  const bottom = box.height - box.bottom;
  return bottom - height * (bottom - box.top);
}

/** The height at a y. */
export function yHeight(box: IParallelBox, y: number): number {
  const bottom = box.height - box.bottom;
  return (bottom - y) / Math.max(1, bottom - box.top);
}

/** A context in CSS pixels, cleared; the canvas gets the device's resolution. */
export function prepare(
  canvas: HTMLCanvasElement,
  box: IParallelBox
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [
    Math.round(box.width * ratio),
    Math.round(box.height * ratio)
  ];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const ctx = canvas.getContext('2d');
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx?.clearRect(0, 0, box.width, box.height);
  return ctx;
}

function addLine(
  path: Path2D,
  axes: readonly IAxis[],
  xs: readonly number[],
  box: IParallelBox,
  row: number
): void {
  axes.forEach((axis, i) => {
    const y = heightY(box, axis.heights[row]);
    if (i === 0) {
      path.moveTo(xs[i], y);
    } else {
      path.lineTo(xs[i], y);
    }
  });
}

/** All rows, grey. */
export function drawBack(
  canvas: HTMLCanvasElement,
  box: IParallelBox,
  axes: readonly IAxis[],
  rows: Uint32Array,
  theme: IChartTheme,
  /** Whether the front hides some rows; otherwise it would cover what is drawn here. */
  needed: boolean
): void {
  const ctx = prepare(canvas, box);
  if (ctx === null || axes.length < 2 || !needed) {
    return;
  }
  const xs = axes.map((_, i) => axisX(box, i, axes.length));
  const path = new Path2D();
  rows.forEach(row => addLine(path, axes, xs, box, row));
  ctx.strokeStyle = withAlpha(
    theme.faint,
    Math.min(0.25, alphaOf(rows.length))
  );
  ctx.lineWidth = 1;
  ctx.stroke(path);
}

/** Rows that pass the brushes, coloured by the objective; selected ones on top. */
export function drawFront(
  canvas: HTMLCanvasElement,
  box: IParallelBox,
  axes: readonly IAxis[],
  rows: Uint32Array,
  mask: Uint8Array,
  objective: IAxis | undefined,
  selected: readonly { row: number; color: string }[],
  theme: IChartTheme
): void {
  const ctx = prepare(canvas, box);
  if (ctx === null || axes.length < 2) {
    return;
  }
  const xs = axes.map((_, i) => axisX(box, i, axes.length));
  const buckets = bucketsOf(objective, mask.length);
  const paths = new Map<number, Path2D>();
  let shown = 0;
  for (const row of rows) {
    if (mask[row] === 1) {
      shown += 1;
      let path = paths.get(buckets[row]);
      if (path === undefined) {
        path = new Path2D();
        paths.set(buckets[row], path);
      }
      addLine(path, axes, xs, box, row);
    }
  }
  // A line of one pixel is drawn several times faster than a wider one, and many are dense anyway.
  ctx.lineWidth = shown > MANY ? 1 : 1.25;
  const alpha = selected.length > 0 ? alphaOf(shown) * 0.5 : alphaOf(shown);
  for (const [bucket, path] of paths) {
    const color =
      bucket === 255
        ? theme.faint
        : objective === undefined
          ? theme.brand
          : scaleColor(bucket / (BUCKETS - 1), theme.dark);
    ctx.strokeStyle = withAlpha(color, alpha);
    ctx.stroke(path);
  }
  ctx.lineWidth = 2.5;
  for (const { row, color } of selected) {
    const path = new Path2D();
    addLine(path, axes, xs, box, row);
    ctx.strokeStyle = color;
    ctx.stroke(path);
  }
  drawAxes(ctx, box, axes, theme);
}

function drawAxes(
  ctx: CanvasRenderingContext2D,
  box: IParallelBox,
  axes: readonly IAxis[],
  theme: IChartTheme
): void {
  ctx.font = `${theme.size}px ${theme.font}`;
  ctx.textBaseline = 'middle';
  const letters = lettersFor(box, axes.length);
  axes.forEach((axis, i) => {
    const x = axisX(box, i, axes.length);
    ctx.strokeStyle = theme.faint;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, heightY(box, 1));
    ctx.lineTo(x, heightY(box, axis.hasMissing ? NA : 0));
    ctx.stroke();
    ctx.textAlign = 'left';
    for (const tick of ticksOf(axis)) {
      const y = heightY(box, tick.height);
      const text = tickText(tick, letters);
      // A halo keeps numbers readable over lines.
      ctx.lineWidth = 3;
      ctx.strokeStyle = withAlpha(theme.background, 0.85);
      ctx.strokeText(text, x + 6, y);
      ctx.fillStyle = theme.text;
      ctx.fillText(text, x + 6, y);
    }
  });
}

/** Letters of a tick label that fit between an axis and the next. */
export const lettersFor = (box: IParallelBox, count: number): number =>
  Math.max(4, Math.min(12, Math.floor((gapOf(box, count) - 10) / 6.4)));

export const cutTo = (text: string, letters: number): string =>
  text.length > letters ? `${text.slice(0, letters - 1)}…` : text;

/** The brushed stretches of all axes. */
export function brushBoxes(
  box: IParallelBox,
  axes: readonly IAxis[],
  brushes: Brushes
): { key: string; left: number; top: number; height: number }[] {
  return axes.flatMap((axis, i) =>
    (brushes.get(axis.key) ?? []).map(([low, high]) => ({
      key: `${axis.key}:${low}:${high}`,
      left: axisX(box, i, axes.length),
      top: heightY(box, high),
      height: heightY(box, low) - heightY(box, high)
    }))
  );
}
