/** Curves as words: the summary of a chart, its table of values, its points for a file. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { rawCell } from '../table/values';
import { extremes } from './buffer';
import type { Unit } from '../common/measures';
import type { XKind } from './curves';
import type { ValueTable } from './figureFrame';
import type { IPlotLine } from './plotColumns';
import { formatValue, formatX } from './ticks';

/** "loss: 12 runs, lowest 0.031 at 940 (run-3), highest …". */
export function summaryOf(
  title: string,
  lines: readonly IPlotLine[],
  x: XKind,
  trans: TranslationBundle,
  unit?: Unit
): string {
  let low: { value: number; at: number; label: string } | null = null;
  let high: { value: number; at: number; label: string } | null = null;
  for (const { buffer, label } of lines) {
    const ends = extremes(buffer.x, buffer.y);
    if (ends !== null && (low === null || ends.min < low.value)) {
      low = { value: ends.min, at: ends.minX, label };
    }
    if (ends !== null && (high === null || ends.max > high.value)) {
      high = { value: ends.max, at: ends.maxX, label };
    }
  }
  const runs = trans._n('%1 run', '%1 runs', lines.length);
  if (low === null || high === null) {
    return trans.__('%1: %2, no points', title.slice(0, 120), runs);
  }
  return trans.__(
    '%1: %2, lowest %3 at %4, highest %5 at %6',
    title.slice(0, 120),
    runs,
    formatValue(low.value, unit),
    formatX(low.at, x),
    formatValue(high.value, unit),
    formatX(high.at, x)
  );
}

/** Last, lowest and highest of each line. */
export function valuesOf(
  lines: readonly IPlotLine[],
  x: XKind,
  trans: TranslationBundle,
  unit?: Unit
): ValueTable {
  const head = [
    trans.__('Run'),
    trans.__('Last'),
    trans.__('Lowest'),
    trans.__('at'),
    trans.__('Highest'),
    trans.__('at')
  ];
  return [
    head,
    ...lines.map(({ label, buffer }) => {
      const ends = extremes(buffer.x, buffer.y);
      const last =
        buffer.length === 0
          ? ''
          : formatValue(buffer.y[buffer.length - 1], unit);
      return ends === null
        ? [label, last, '', '', '', '']
        : [
            label,
            last,
            formatValue(ends.min, unit),
            formatX(ends.minX, x),
            formatValue(ends.max, unit),
            formatX(ends.maxX, x)
          ];
    })
  ];
}

/** The drawn points, one a line. */
export function pointsOf(lines: readonly IPlotLine[], x: XKind): ValueTable {
  const rows: string[][] = [['run', x, 'value']];
  for (const { label, buffer } of lines) {
    for (let i = 0; i < buffer.length; i++) {
      rows.push([
        label,
        rawCell(buffer.x[i], 'number'),
        rawCell(buffer.y[i], 'number')
      ]);
    }
  }
  return rows;
}
