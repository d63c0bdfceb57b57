/**
 * Curves of one metric, for any number of runs: live, zoomable, smoothed by the server.
 *
 * The chart asks for its points itself (`CurveSet`) and draws at most once per frame, and not at
 * all while `visible` is false. Zoom asks the server for the true points of the range.
 */
import * as React from 'react';

import { Banner } from '../common/Banner';
import { useStudio } from '../common/context';
import {
  CurveSet,
  seriesKey,
  type ISeriesId,
  type Range,
  type XKind
} from './curves';
import { saveCsv, savePng } from './download';
import { FigureFrame } from './figureFrame';
import { pointsOf, summaryOf, valuesOf } from './lineText';
import { palette } from './palette';
import type { IPlotLine } from './plot';
import { useChartTheme, type IChartTheme } from './theme';
import { Tooltip, type ITooltip } from './tooltip';
import { useWidth } from './useWidth';
import { usePlot, type IDrawn } from './usePlot';

export interface ILineChartProps {
  /** What the y axis is, usually the metric's name. */
  readonly title: string;
  /** The curves; at most 100 are drawn. */
  readonly series: readonly ISeriesId[];
  readonly x?: XKind;
  /** 0 (none) to below 1. */
  readonly smooth?: number;
  readonly log?: boolean;
  /** Pixels. */
  readonly height?: number;
  /** Whether the widget is on the screen; a hidden one keeps its data and does not paint. */
  readonly visible?: boolean;
  /** The zoomed range, when the parent keeps it; otherwise the chart does. */
  readonly range?: Range | null;
  readonly onRange?: (range: Range | null) => void;
  /** Charts of one key share their cursor. */
  readonly syncKey?: string;
}

const MAX_SERIES = 100;

export function LineChart(props: ILineChartProps): JSX.Element {
  const { trans } = useStudio();
  const { title, x = 'step', smooth = 0, log = false, visible = true } = props;
  const theme = useChartTheme();
  const [own, setOwn] = React.useState<Range | null>(null);
  const range = props.range === undefined ? own : props.range;
  const onRange = props.onRange ?? setOwn;
  const host = React.useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const wanted = props.series.slice(0, MAX_SERIES);
  const { set, version } = useCurveSet({
    series: wanted,
    x,
    smooth,
    range,
    width
  });
  const lines = linesOf(wanted, set, theme);
  const drawn = useLatest(lines, { range, onRange });
  const [hovered, setHovered] = React.useState(false);
  const [tip, setTip] = React.useState<ITooltip | null>(null);
  const { plot, failed } = usePlot(host, {
    drawn,
    look: {
      x: set.shown?.x ?? x,
      log,
      smooth: smooth > 0,
      theme,
      syncKey: props.syncKey
    },
    size: { width, height: props.height ?? 220 },
    version,
    visible,
    onTip: setTip
  });
  const summary = summaryOf(title, lines, set.shown?.x ?? x, trans);
  const empty =
    !set.loading &&
    set.shown !== null &&
    lines.every(l => l.buffer.length === 0);
  return (
    <FigureFrame
      title={title}
      summary={summary}
      trans={trans}
      className="jp-Mlstudio-lineChart"
      values={() => valuesOf(lines, set.shown?.x ?? x, trans)}
      onCsv={() => saveCsv(pointsOf(lines, set.shown?.x ?? x), title)}
      onPng={() =>
        plot.current && savePng([plot.current.ctx.canvas], title, lines, theme)
      }
      controls={
        range !== null && (
          <button
            type="button"
            className="jp-Mlstudio-tool"
            onClick={() => onRange(null)}
          >
            {trans.__('Reset zoom')}
          </button>
        )
      }
    >
      <Banner error={set.error} retry={() => set.refresh()} />
      <div
        ref={host}
        className="jp-Mlstudio-plot"
        onPointerEnter={() => setHovered(true)}
        onPointerLeave={() => setHovered(false)}
        data-points={lines.reduce((n, l) => n + l.buffer.length, 0)}
        style={{ height: props.height ?? 220 }}
      >
        {set.shown === null && set.error === null && !failed && (
          <p className="jp-Mlstudio-chartNote">{trans.__('Loading curves…')}</p>
        )}
        {failed && (
          <p className="jp-Mlstudio-chartNote" role="alert">
            {trans.__('The chart could not be loaded; reload the page.')}
          </p>
        )}
        {empty && !failed && (
          <p className="jp-Mlstudio-chartNote">{trans.__('No points yet.')}</p>
        )}
        {tip !== null && <Tooltip tip={tip} width={width} full={hovered} />}
      </div>
    </FigureFrame>
  );
}

/** The newest lines and range for callbacks of the plot. */
function useLatest(
  lines: readonly IPlotLine[],
  rest: Omit<IDrawn, 'lines'>
): React.MutableRefObject<IDrawn> {
  const ref = React.useRef<IDrawn>({ lines, ...rest });
  ref.current = { lines, ...rest };
  return ref;
}

/** A CurveSet for the life of the chart, drawn again once per frame when it changed. */
function useCurveSet(ask: {
  series: readonly ISeriesId[];
  x: XKind;
  smooth: number;
  range: Range | null;
  width: number;
}): { set: CurveSet; version: number } {
  const { api, live } = useStudio();
  const [version, setVersion] = React.useState(0);
  const frame = React.useRef(0);
  const set = React.useMemo(
    () =>
      new CurveSet(api, live, () => {
        if (frame.current === 0) {
          frame.current = requestAnimationFrame(() => {
            frame.current = 0;
            setVersion(v => v + 1);
          });
        }
      }),
    [api, live]
  );
  React.useEffect(
    () => () => {
      cancelAnimationFrame(frame.current);
      frame.current = 0;
      set.dispose();
    },
    [set]
  );
  const { series, x, smooth, range, width } = ask;
  const key = series.map(seriesKey).join('\n');
  // Not for every pixel of a drag: steps of 200.
  const pixels = Math.max(400, Math.ceil(width / 200) * 200);
  const [from, to] = range ?? [NaN, NaN];
  React.useEffect(() => {
    if (width > 0) {
      set.ask({ series, x, smooth, range, width: pixels });
    }
  }, [set, key, x, smooth, from, to, pixels, width > 0]);
  return { set, version };
}

function linesOf(
  series: readonly ISeriesId[],
  set: CurveSet,
  theme: IChartTheme
): IPlotLine[] {
  palette.settle(series.map(styleName));
  return series.flatMap(id => {
    const buffer = set.get(id);
    if (buffer === undefined) {
      return [];
    }
    const label = labelOf(id);
    const style = palette.styleOf(styleName(id));
    const color = theme.series[style.slot - 1];
    return [{ key: seriesKey(id), label, color, dash: style.dash, buffer }];
  });
}

const hasContext = (id: ISeriesId): boolean =>
  Object.keys(id.context ?? {}).length > 0;

/** Contexts of one component are told apart; otherwise the component is what has a colour. */
const styleName = (id: ISeriesId): string =>
  hasContext(id) ? labelOf(id) : id.component;

function labelOf(id: ISeriesId): string {
  if (id.label !== undefined || !hasContext(id)) {
    return id.label ?? id.component;
  }
  const context = Object.entries(id.context ?? {});
  return `${id.component} (${context.map(([k, v]) => `${k}=${v}`).join(', ')})`;
}
