/**
 * uPlot, dressed for us: options from a theme and lines, no knowledge of where points come from.
 *
 * A line with smoothing is drawn twice: raw and faint, smooth and full. Values that are not finite
 * leave a gap and a small cross at the bottom edge.
 */
import type uPlot from 'uplot';

import { formatDuration } from '../common/format';
import { formatNumber } from '../table/values';
import { align, type CurveBuffer } from './buffer';
import type { Range, XKind } from './curves';
import { withAlpha, type IChartTheme } from './theme';

/** A curve with its looks. */
export interface IPlotLine {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly buffer: CurveBuffer;
}

export interface IPlotLook {
  readonly x: XKind;
  readonly log: boolean;
  readonly smooth: boolean;
  readonly theme: IChartTheme;
  readonly syncKey: string | undefined;
}

export interface IPlotHooks {
  /** The range that is shown now; null is everything. */
  range(): Range | null;
  onZoom(range: Range | null): void;
  /** x under the cursor and the pixel, or null when it left. */
  onCursor(at: { index: number; left: number; top: number } | null): void;
  /** x of values that are not finite, of each line. */
  marks(): readonly { color: string; at: readonly number[] }[];
}

/** An x value for people. */
export function formatX(x: number, kind: XKind): string {
  switch (kind) {
    case 'time':
      return new Date(x * 1000).toLocaleTimeString();
    case 'relative':
      return formatDuration(Math.max(0, x) * 1000);
    case 'step':
      return formatNumber(x);
  }
}

const ticks = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });

function formatTick(value: number | null): string {
  if (value === null) {
    return '';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2).replace(/\.?0+e/, 'e')
    : ticks.format(value);
}

/** A tick of seconds since the start: short ones keep their digits, 0.25 s is not 0.3 s. */
function formatSince(seconds: number): string {
  return Math.abs(seconds) < 60
    ? `${ticks.format(seconds)} s`
    : formatX(seconds, 'relative');
}

/** Distances between ticks of steps: there is no step 2.5. */
const WHOLE_STEPS = Array.from({ length: 16 }, (_, i) =>
  [1, 2, 5].map(n => n * 10 ** i)
).flat();

/** uPlot's data of the lines: raw columns, and behind each its smooth one. */
export function plotData(
  lines: readonly IPlotLine[],
  smooth: boolean,
  log: boolean
): uPlot.AlignedData {
  const columns = lines.flatMap(({ buffer }) => {
    const { x, y } = buffer;
    return smooth
      ? [
          { x, y },
          { x, y: buffer.smooth ?? y }
        ]
      : [{ x, y }];
  });
  return align(columns, log) as uPlot.AlignedData;
}

/** Series of uPlot, in the order of `plotData`. */
function plotSeries(
  lines: readonly IPlotLine[],
  look: IPlotLook
): uPlot.Series[] {
  const one = (line: IPlotLine, faint: boolean): uPlot.Series => ({
    label: line.label,
    stroke: faint ? withAlpha(line.color, 0.28) : line.color,
    width: faint ? 1 : 1.75,
    dash: faint ? [] : [...line.dash],
    spanGaps: false,
    points: {
      // A lone value between gaps, or a run of one epoch, must be seen.
      show: (u, index) => !faint && few(u, index),
      size: 5,
      fill: line.color
    }
  });
  return lines.flatMap(line =>
    look.smooth ? [one(line, true), one(line, false)] : [one(line, false)]
  );
}

/** Whether a series has so few points in sight that each deserves a dot. */
function few(u: uPlot, index: number): boolean {
  const values = u.data[index] as readonly (number | null | undefined)[];
  let n = 0;
  for (const value of values) {
    n += typeof value === 'number' ? 1 : 0;
    if (n > 40) {
      return false;
    }
  }
  return n > 0;
}

/** The y range with room at both ends; a flat line stands in the middle. */
function yRange(log: boolean) {
  return (
    _: uPlot,
    min: number | null,
    max: number | null
  ): uPlot.Range.MinMax => {
    if (
      min === null ||
      max === null ||
      !Number.isFinite(min) ||
      !Number.isFinite(max)
    ) {
      return log ? [0.1, 1] : [0, 1];
    }
    if (log) {
      return [
        10 ** Math.floor(Math.log10(min) - 1e-9),
        10 ** Math.ceil(Math.log10(max) + 1e-9)
      ];
    }
    const pad = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
    return [min - pad, max + pad];
  };
}

function axis(theme: IChartTheme): uPlot.Axis {
  return {
    stroke: theme.faint,
    font: `${theme.size}px ${theme.font}`,
    grid: { stroke: withAlpha(theme.grid, 0.7), width: 1 },
    ticks: { show: false },
    gap: 4
  };
}

/** Crosses at the bottom edge where values were not finite. */
function drawMarks(u: uPlot, hooks: IPlotHooks): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio || 1;
  const r = 3 * ratio;
  ctx.save();
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([]);
  for (const { color, at } of hooks.marks()) {
    ctx.strokeStyle = color;
    ctx.beginPath();
    for (const x of at) {
      const px = u.valToPos(x, 'x', true);
      if (px >= bbox.left && px <= bbox.left + bbox.width) {
        const py = bbox.top + bbox.height - 2 * r;
        ctx.moveTo(px - r, py - r);
        ctx.lineTo(px + r, py + r);
        ctx.moveTo(px - r, py + r);
        ctx.lineTo(px + r, py - r);
      }
    }
    ctx.stroke();
  }
  ctx.restore();
}

/** Options for a chart of these lines. */
export function plotOptions(
  lines: readonly IPlotLine[],
  look: IPlotLook,
  size: { width: number; height: number },
  hooks: IPlotHooks
): uPlot.Options {
  const { theme } = look;
  const time = look.x === 'time';
  return {
    ...size,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    scales: {
      x: {
        time,
        range: (u, min, max) => {
          const shown = hooks.range();
          if (shown !== null) {
            return [shown[0], shown[1]];
          }
          // uPlot gives a lone point a hundred of room at its right.
          const end = u.data[0].length === 1 ? min : max;
          return min === end ? [min - 0.5, min + 0.5] : [min, max];
        }
      },
      y: { distr: look.log ? 3 : 1, range: yRange(look.log) }
    },
    axes: [
      {
        ...axis(theme),
        // Times have a second line with their minute or day.
        size: time ? 38 : 24,
        ...(time
          ? {}
          : {
              values: (_: uPlot, at: number[]) =>
                at.map(v =>
                  look.x === 'relative' ? formatSince(v) : formatTick(v)
                )
            }),
        ...(look.x === 'step' ? { incrs: WHOLE_STEPS } : {})
      },
      {
        ...axis(theme),
        size: (_, values) =>
          14 + 6.6 * Math.max(2, ...(values ?? []).map(v => v.length)),
        values: (_, at) => at.map(formatTick)
      }
    ],
    series: [{}, ...plotSeries(lines, look)],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      sync:
        look.syncKey === undefined
          ? undefined
          : { key: look.syncKey, setSeries: false },
      bind: {
        dblclick: () => () => {
          hooks.onZoom(null);
          return null;
        }
      }
    },
    hooks: {
      draw: [u => drawMarks(u, hooks)],
      setSelect: [
        u => {
          const { left, width } = u.select;
          if (width > 4) {
            const range: Range = [
              u.posToVal(left, 'x'),
              u.posToVal(left + width, 'x')
            ];
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            hooks.onZoom(range);
          }
        }
      ],
      setCursor: [
        u => {
          const { idx, left, top } = u.cursor;
          const inside =
            typeof idx === 'number' && left !== undefined && left >= 0;
          hooks.onCursor(inside ? { index: idx, left, top: top ?? 0 } : null);
        }
      ]
    }
  };
}

/** The value of a column at an x index, or the last one before it. */
export function valueAt(
  column: ArrayLike<number | null | undefined>,
  index: number
): number | null {
  for (let i = Math.min(index, column.length - 1); i >= 0; i--) {
    const value = column[i];
    if (value !== undefined) {
      return value;
    }
  }
  return null;
}
