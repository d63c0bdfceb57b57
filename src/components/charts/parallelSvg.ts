/** Parallel coordinates as SVG: one path for each of the colours, as on the canvas. */
import {
  alphaOf,
  bucketsOf,
  BUCKETS,
  NA,
  ticksOf,
  tickText,
  type IAxis
} from './parallel';
import {
  axisX,
  cutTo,
  heightY,
  lettersFor,
  type IParallelBox
} from './parallelDraw';
import { scaleColor } from './palette';
import { SvgDrawing } from './svg';
import type { IChartTheme } from './theme';

export interface IParallelPicture {
  readonly title: string;
  readonly box: IParallelBox;
  readonly axes: readonly IAxis[];
  /** Rows that are drawn. */
  readonly rows: Uint32Array;
  /** 1 for rows that pass the brushes. */
  readonly mask: Uint8Array;
  readonly objective: IAxis | undefined;
  readonly theme: IChartTheme;
}

const TITLE = 26;

export function parallelSvg(picture: IParallelPicture): string {
  const { title, box, axes, rows, mask, objective, theme } = picture;
  const svg = new SvgDrawing(box.width, box.height + TITLE, theme);
  svg.add(
    'text',
    { x: 10, y: 17, fill: theme.text, 'font-weight': 600, 'font-size': 13 },
    title
  );
  const xs = axes.map((_, i) => axisX(box, i, axes.length).toFixed(1));
  const y = (height: number): number => heightY(box, height) + TITLE;
  const buckets = bucketsOf(objective, mask.length);
  const paths = new Map<number, string[]>();
  let shown = 0;
  for (const row of rows) {
    if (mask[row] === 1) {
      shown += 1;
      const points = axes.map(
        (axis, i) => `${xs[i]} ${y(axis.heights[row]).toFixed(1)}`
      );
      const all = paths.get(buckets[row]) ?? [];
      all.push(`M${points.join('L')}`);
      paths.set(buckets[row], all);
    }
  }
  for (const [bucket, all] of paths) {
    const color =
      bucket === 255
        ? theme.faint
        : objective === undefined
          ? theme.brand
          : scaleColor(bucket / (BUCKETS - 1), theme.dark);
    svg.add('path', {
      d: all.join(''),
      fill: 'none',
      stroke: color,
      'stroke-opacity': alphaOf(shown),
      'stroke-width': 1.25
    });
  }
  drawAxes(svg, picture, y);
  return svg.toString();
}

function drawAxes(
  svg: SvgDrawing,
  { box, axes, theme }: IParallelPicture,
  y: (height: number) => number
): void {
  const letters = lettersFor(box, axes.length);
  axes.forEach((axis, i) => {
    const x = axisX(box, i, axes.length);
    const low = axis.hasMissing ? NA : 0;
    svg.add('path', { d: `M${x} ${y(1)}V${y(low)}`, stroke: theme.faint });
    const line = box.staggered && i % 2 === 1 ? 17 : 2;
    svg.add(
      'text',
      { x: x - 6, y: TITLE + line + 12, fill: theme.text, 'font-weight': 600 },
      cutTo(axis.label, box.staggered ? 2 * letters : letters + 4)
    );
    for (const tick of ticksOf(axis)) {
      const text = tickText(tick, letters);
      svg.add(
        'text',
        { x: x + 6, y: y(tick.height) + 4, fill: theme.text },
        text
      );
    }
  });
}
