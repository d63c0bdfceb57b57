/** uPlot inside React: made when lines or looks change, fed when points change, never while hidden. */
import * as React from 'react';
import type uPlot from 'uplot';

import { clipRange } from './clip';
import type { Range } from './curves';
import { loadUplot } from './lazy';
import { plotOptions, type IPlotLook } from './plot';
import { columnsOf, plotData, type IPlotLine } from './plotColumns';
import { formatX } from './ticks';
import type { ITooltip } from './tooltip';

/** What callbacks of the plot read: always the newest. */
export interface IDrawn {
  readonly lines: readonly IPlotLine[];
  readonly range: Range | null;
  readonly onRange: (range: Range | null) => void;
}

interface IPlotUse {
  readonly drawn: React.MutableRefObject<IDrawn>;
  readonly look: IPlotLook;
  /** Whether outliers are left outside. */
  readonly clip: boolean;
  readonly size: { width: number; height: number };
  readonly version: number;
  readonly visible: boolean;
  onTip(tip: ITooltip | null): void;
}

/** What the plot's data were made of. */
interface IFed {
  /** Points are appended in place: then the version tells. */
  readonly version: number;
  readonly lines: readonly IPlotLine[];
}

function isFed(
  fed: IFed | null,
  lines: readonly IPlotLine[],
  version: number
): boolean {
  return (
    fed !== null &&
    fed.version === version &&
    fed.lines.length === lines.length &&
    fed.lines.every(({ buffer }, i) => buffer === lines[i].buffer)
  );
}

interface IPlotState {
  readonly plot: React.MutableRefObject<uPlot | null>;
  readonly failed: boolean;
}

/** The library, or null while it comes; `failed` when it cannot be loaded. */
function useUplot(): { library: typeof uPlot | null; failed: boolean } {
  const [library, setLibrary] = React.useState<typeof uPlot | null>(null);
  const [failed, setFailed] = React.useState(false);
  React.useEffect(() => {
    let alive = true;
    loadUplot().then(
      loaded => alive && setLibrary(() => loaded),
      () => alive && setFailed(true)
    );
    return () => {
      alive = false;
    };
  }, []);
  return { library, failed };
}

export function usePlot(
  host: React.RefObject<HTMLDivElement>,
  use: IPlotUse
): IPlotState {
  const plot = React.useRef<uPlot | null>(null);
  const made = React.useRef('');
  const fed = React.useRef<IFed | null>(null);
  const clipped = React.useRef<[number, number] | null>(null);
  const { library, failed } = useUplot();
  const { drawn, look, size, version, visible, onTip, clip } = use;
  const { lines, range } = drawn.current;
  const id = JSON.stringify([
    lines.map(l => [
      l.key,
      l.label,
      l.color,
      l.dash,
      l.buffer.high === undefined
    ]),
    look
  ]);
  React.useEffect(() => {
    const node = host.current;
    if (library === null || node === null || !visible || size.width === 0) {
      return;
    }
    const now = drawn.current.lines;
    const same = plot.current !== null && made.current === id;
    clipped.current = clip
      ? clipRange(
          now.map(l => l.buffer),
          look.log
        )
      : null;
    // Another range of the same points: they are drawn at its scale until finer ones are here.
    const data =
      same && plot.current !== null && isFed(fed.current, now, version)
        ? plot.current.data
        : plotData(now, look);
    fed.current = { version, lines: now };
    if (same && plot.current !== null) {
      plot.current.setData(data);
      return;
    }
    plot.current?.destroy();
    made.current = id;
    plot.current = new library(
      plotOptions(now, look, size, {
        range: () => drawn.current.range,
        clip: () => clipped.current,
        onZoom: next => drawn.current.onRange(next),
        onCursor: at =>
          onTip(
            at === null
              ? null
              : tipOf(plot.current, drawn.current.lines, look, at)
          ),
        marks: () =>
          drawn.current.lines.map(l => ({ color: l.color, at: l.buffer.nanX }))
      }),
      data,
      node
    );
  }, [
    library,
    id,
    version,
    visible,
    clip,
    range?.[0],
    range?.[1],
    size.width > 0
  ]);
  React.useEffect(() => {
    if (visible && size.width > 0) {
      plot.current?.setSize(size);
    }
  }, [size.width, size.height, visible]);
  React.useEffect(
    () => () => {
      plot.current?.destroy();
      plot.current = null;
    },
    []
  );
  return { plot, failed };
}

function tipOf(
  plot: uPlot | null,
  lines: readonly IPlotLine[],
  look: IPlotLook,
  at: { index: number; left: number; top: number }
): ITooltip | null {
  if (plot === null) {
    return null;
  }
  const origin = plot.over.offsetLeft;
  const columns = columnsOf(lines, look.smooth);
  const rows = columns.flatMap(({ line, role }, i) =>
    // Of a smoothed line the raw value is told.
    role === 'raw' || (role === 'main' && columns[i - 1]?.line !== line)
      ? [
          {
            label: lines[line].label,
            color: lines[line].color,
            dash: lines[line].dash,
            column: plot.data[i + 1] as ArrayLike<number | null | undefined>,
            index: at.index
          }
        ]
      : []
  );
  return {
    left: at.left + origin,
    title: formatX(plot.data[0][at.index], look.x),
    rows
  };
}
