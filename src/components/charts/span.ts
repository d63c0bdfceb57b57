/** Which part of the x axis curves take, so that charts beside each other can show the same. Pure. */
import type { Range } from './curves';
import type { IPlotLine } from './plotColumns';

/** From the first to the last x of these lines; null without points. */
export function spanOf(lines: readonly IPlotLine[]): Range | null {
  let from = Infinity;
  let to = -Infinity;
  for (const { buffer } of lines) {
    if (buffer.length > 0) {
      from = Math.min(from, buffer.x[0]);
      to = Math.max(to, buffer.x[buffer.length - 1]);
    }
  }
  return from <= to ? [from, to] : null;
}
