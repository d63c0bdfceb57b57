/**
 * Lines as uPlot's columns: which columns each line has, and what stands in them.
 *
 * A smoothed line has two (raw and smooth), a group has three (mean, upper and lower edge).
 */
import type uPlot from 'uplot';

import { align } from './buffer';

/** The points of one drawn line. `high` and `low` are the edges of a group's band. */
export interface ILineData {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly smooth: Float64Array | null;
  readonly high?: Float64Array;
  readonly low?: Float64Array;
  readonly length: number;
  /** x of values that are not finite. */
  readonly nanX: readonly number[];
}

/** A curve with its looks. */
export interface IPlotLine {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly buffer: ILineData;
}

export type ColumnRole = 'raw' | 'main' | 'high' | 'low';

/** One column of uPlot's data, behind that of x. */
export interface IPlotColumn {
  readonly line: number;
  readonly role: ColumnRole;
}

/** What decides how values become columns. */
export interface IScaleLook {
  readonly smooth: boolean;
  readonly log: boolean;
  readonly logX: boolean;
}

export function columnsOf(
  lines: readonly IPlotLine[],
  smooth: boolean
): IPlotColumn[] {
  return lines.flatMap(({ buffer }, line): IPlotColumn[] => {
    const roles: ColumnRole[] =
      buffer.high !== undefined
        ? ['main', 'high', 'low']
        : smooth
          ? ['raw', 'main']
          : ['main'];
    return roles.map(role => ({ line, role }));
  });
}

function valuesOf(
  data: ILineData,
  role: ColumnRole,
  smooth: boolean
): Float64Array {
  switch (role) {
    case 'high':
      return data.high ?? data.y;
    case 'low':
      return data.low ?? data.y;
    case 'raw':
      return data.y;
    case 'main':
      return smooth ? (data.smooth ?? data.y) : data.y;
  }
}

/** uPlot's data of the lines, in the order of `columnsOf`. */
export function plotData(
  lines: readonly IPlotLine[],
  look: IScaleLook
): uPlot.AlignedData {
  // One x for all columns of a line: `align` looks at each only once.
  const axes = lines.map(({ buffer }) => {
    const { x } = buffer;
    const from = look.logX ? firstPositive(x) : 0;
    return { x: from === 0 ? x : x.subarray(from), from };
  });
  const columns = columnsOf(lines, look.smooth).map(({ line, role }) => {
    const { x, from } = axes[line];
    const y = valuesOf(lines[line].buffer, role, look.smooth);
    return { x, y: from === 0 ? y : y.subarray(from) };
  });
  return align(columns, look.log) as uPlot.AlignedData;
}

/** Where x rises above 0: a log axis has no place for the rest. */
function firstPositive(x: Float64Array): number {
  let from = 0;
  while (from < x.length && !(x[from] > 0)) {
    from += 1;
  }
  return from;
}
