/**
 * uPlot, dressed for us: options from a theme and lines, no knowledge of where points come from.
 *
 * A line with smoothing is drawn twice: raw and faint, smooth and full. Values that are not finite
 * leave a gap and a small cross at the bottom edge.
 */
import type uPlot from 'uplot';

import type { Unit } from '../common/measures';
import type { Range, XKind } from './curves';
import { columnsOf, type IPlotLine, type IScaleLook } from './plotColumns';
import { withAlpha, type IChartTheme } from './theme';
import {
  ALL_STEPS,
  BINARY_STEPS,
  formatClock,
  formatSince,
  formatTick,
  formatValueTick,
  WHOLE_STEPS
} from './ticks';

export interface IPlotLook extends IScaleLook {
  readonly x: XKind;
  readonly theme: IChartTheme;
  /** Of the values; none: plain numbers. */
  readonly unit?: Unit;
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
  /** y ends that leave outliers outside; null shows all. */
  clip(): readonly [number, number] | null;
}

/** Beyond this lines are thin: browsers draw lines of one pixel several times faster. */
const MANY = 20;

/** Beyond this the dots of the lines would cover each other, and the dashes between them. */
const SEVERAL = 6;

/** Series of uPlot, in the order of `columnsOf`. */
function plotSeries(
  lines: readonly IPlotLine[],
  look: IPlotLook
): uPlot.Series[] {
  return columnsOf(lines, look.smooth).map(({ line: at, role }) => {
    const line = lines[at];
    const faint = role === 'raw';
    const edge = role === 'high' || role === 'low';
    return {
      label: line.label,
      stroke: edge
        ? 'transparent'
        : faint
          ? withAlpha(line.color, 0.28)
          : line.color,
      width: edge ? 0 : faint || lines.length > MANY ? 1 : 1.75,
      dash: faint || edge ? [] : [...line.dash],
      spanGaps: false,
      points: {
        // A lone value between gaps, or a run of one epoch, must be seen.
        show: (u, index) =>
          !faint && !edge && few(u, index, lines.length > SEVERAL ? 2 : 40),
        size: 5,
        fill: line.color
      }
    };
  });
}

/** The fill between the edges of each group. */
function plotBands(lines: readonly IPlotLine[], look: IPlotLook): uPlot.Band[] {
  const columns = columnsOf(lines, look.smooth);
  return columns.flatMap(({ line, role }, i) =>
    role === 'high'
      ? [
          {
            series: [i + 1, i + 2] as uPlot.Band.Bounds,
            fill: withAlpha(lines[line].color, 0.16)
          }
        ]
      : []
  );
}

/** Whether a series has so few points in sight that each deserves a dot. */
function few(u: uPlot, index: number, most: number): boolean {
  const values = u.data[index] as readonly (number | null | undefined)[];
  let n = 0;
  for (const value of values) {
    n += typeof value === 'number' ? 1 : 0;
    if (n > most) {
      return false;
    }
  }
  return n > 0;
}

/** The y range with room at both ends; a flat line stands in the middle. No room below 0 % and above 100 %. */
export function yRange(
  log: boolean,
  clip: () => readonly [number, number] | null,
  unit?: Unit
) {
  return (
    _: unknown,
    dataMin: number | null,
    dataMax: number | null
  ): uPlot.Range.MinMax => {
    const [min, max] = clip() ?? [dataMin, dataMax];
    if (
      min === null ||
      max === null ||
      !Number.isFinite(min) ||
      !Number.isFinite(max)
    ) {
      return log ? [0.1, 1] : [0, 1];
    }
    if (log) {
      // A twentieth of the span in decades at both ends.
      const room = (max / min) ** 0.05;
      return room > 1.001 ? [min / room, max * room] : [min / 2, max * 2];
    }
    const size = Math.max(Math.abs(min), Math.abs(max));
    const pad = max > min ? (max - min) * 0.06 : size * 0.1 || 1;
    // Ticks closer than float64 can tell apart would never come to an end.
    const least = size * 1e-12;
    const [from, to] = [min - Math.max(pad, least), max + Math.max(pad, least)];
    return unit === 'percent'
      ? [Math.max(from, Math.min(0, min)), Math.min(to, Math.max(100, max))]
      : [from, to];
  };
}

/** Which ticks of a log axis have numbers: 1, 2 and 5 of a few decades, 1 of many. */
function logFilter(scale: 'x' | 'y') {
  return (u: uPlot, splits: number[]): (number | null)[] => {
    const { min = 1, max = 1 } = u.scales[scale];
    const decades = Math.log10((max ?? 1) / (min ?? 1));
    const every = Math.max(1, Math.ceil(decades / 8));
    const shown =
      decades <= 1 ? [1, 2, 3, 5, 7] : decades <= 3 ? [1, 2, 5] : [1];
    return splits.map(value => {
      const power = Math.floor(Math.log10(value) + 1e-9);
      const first = value / 10 ** power;
      return power % every === 0 && shown.some(n => Math.abs(first - n) < 1e-6)
        ? value
        : null;
    });
  };
}

/** Ends of a log x axis: the values' own, never 0. */
function logRange(min: number, max: number): uPlot.Range.MinMax {
  const low = min > 0 ? min : 1e-3;
  return max > low ? [low, max] : [low / 2, low * 2];
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
    // The last time of a clock is as wide as it is written.
    padding: [8, time ? 30 : 12, 0, 0],
    scales: {
      x: {
        time,
        distr: look.logX && !time ? 3 : 1,
        range: (u, min, max) => {
          const shown = hooks.range();
          if (shown !== null) {
            return [shown[0], shown[1]];
          }
          // uPlot gives a lone point a hundred of room at its right.
          const end = u.data[0].length === 1 ? min : max;
          return look.logX && !time
            ? logRange(min, end)
            : min === end
              ? [min - 0.5, min + 0.5]
              : [min, max];
        }
      },
      y: {
        distr: look.log ? 3 : 1,
        range: yRange(look.log, hooks.clip, look.unit)
      }
    },
    axes: [
      {
        ...axis(theme),
        // Times have a second line with their minute or day.
        size: time ? 38 : 24,
        values: time
          ? (_: uPlot, at: number[], __: number, ___: number, step: number) =>
              formatClock(at, step)
          : (_: uPlot, at: number[]) =>
              at.map(v =>
                look.x === 'relative' ? formatSince(v) : formatTick(v)
              ),
        ...(time ? { space: 64 } : {}),
        ...(time
          ? {}
          : look.logX
            ? { filter: logFilter('x') }
            : { incrs: look.x === 'step' ? WHOLE_STEPS : ALL_STEPS })
      },
      {
        ...axis(theme),
        ...(look.log
          ? { filter: logFilter('y') }
          : {
              incrs:
                look.unit === 'bytes' || look.unit === 'rate'
                  ? BINARY_STEPS
                  : ALL_STEPS
            }),
        size: (_, values) =>
          14 + 6.6 * Math.max(2, ...(values ?? []).map(v => v.length)),
        values: (_, at) => at.map(v => formatValueTick(v, look.unit))
      }
    ],
    series: [{}, ...plotSeries(lines, look)],
    bands: plotBands(lines, look),
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
            if (range[1] - range[0] > Math.abs(range[1]) * 1e-12) {
              hooks.onZoom(range);
            }
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
