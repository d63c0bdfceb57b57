/** uPlot inside React: made when lines or looks change, fed when points change, never while hidden. */
import * as React from 'react';
import type uPlot from 'uplot';

import type { Range } from './curves';
import { loadUplot } from './lazy';
import { formatX, plotData, plotOptions, type IPlotLine } from './plot';
import type { ITooltip } from './tooltip';

/** What callbacks of the plot read: always the newest. */
export interface IDrawn {
  readonly lines: readonly IPlotLine[];
  readonly range: Range | null;
  readonly onRange: (range: Range | null) => void;
}

interface IPlotUse {
  readonly drawn: React.MutableRefObject<IDrawn>;
  readonly look: Parameters<typeof plotOptions>[1];
  readonly size: { width: number; height: number };
  readonly version: number;
  readonly visible: boolean;
  onTip(tip: ITooltip | null): void;
}

/** The uPlot instance, made when lines or looks change, fed when points change; `failed` when it cannot be loaded. */
export function usePlot(
  host: React.RefObject<HTMLDivElement>,
  use: IPlotUse
): { plot: React.MutableRefObject<uPlot | null>; failed: boolean } {
  const plot = React.useRef<uPlot | null>(null);
  const made = React.useRef('');
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
  const { drawn, look, size, version, visible, onTip } = use;
  const { lines, range } = drawn.current;
  const id = JSON.stringify([
    lines.map(l => [l.key, l.label, l.color, l.dash]),
    look
  ]);
  React.useEffect(() => {
    const node = host.current;
    if (library === null || node === null || !visible || size.width === 0) {
      return;
    }
    const data = plotData(drawn.current.lines, look.smooth, look.log);
    if (plot.current !== null && made.current === id) {
      plot.current.setData(data);
      return;
    }
    plot.current?.destroy();
    made.current = id;
    plot.current = new library(
      plotOptions(drawn.current.lines, look, size, {
        range: () => drawn.current.range,
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
  }, [library, id, version, visible, range?.[0], range?.[1], size.width > 0]);
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
  look: IPlotUse['look'],
  at: { index: number; left: number; top: number }
): ITooltip | null {
  if (plot === null) {
    return null;
  }
  const per = look.smooth ? 2 : 1;
  const origin = plot.over.offsetLeft;
  return {
    left: at.left + origin,
    title: formatX(plot.data[0][at.index], look.x),
    rows: lines.map((line, i) => ({
      label: line.label,
      color: line.color,
      dash: line.dash,
      column: plot.data[per * (i + 1)] as ArrayLike<number | null | undefined>,
      index: at.index
    }))
  };
}
