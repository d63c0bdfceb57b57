/**
 * Curves of one metric or more, for any number of runs: live, zoomable, smoothed by the server.
 *
 * The chart asks for its points itself (`CurveSet`), draws when its turn comes (`Pacer`), and not
 * at all while `visible` is false. Zoom asks the server for the true points of the range.
 */
import * as React from 'react';

import { Banner } from '../common/Banner';
import { useStudio } from '../common/context';
import type { Unit } from '../common/measures';
import { UserText } from '../common/text';
import { Swatch } from '../table/cell';
import { formatNumber } from '../table/values';
import { clipRange, outside } from './clip';
import type { ISeriesId, Range, XKind } from './curves';
import { saveCsv, savePng, saveSvg } from './download';
import { FigureFrame } from './figureFrame';
import { groupedLines, linesOf, type ILineGroups } from './lineStyles';
import { pointsOf, summaryOf, valuesOf } from './lineText';
import type { IPlotLook } from './plot';
import type { IPlotLine } from './plotColumns';
import { spanOf } from './span';
import { lineSvg } from './svg';
import { useChartTheme } from './theme';
import { Tooltip, type ITooltip } from './tooltip';
import { useCurveSet } from './useCurveSet';
import { usePlot, type IDrawn } from './usePlot';
import { useWidth } from './useWidth';

/** A name in the legend; without a colour it is about dashes alone. */
export interface ILegendEntry {
  readonly label: string;
  readonly dash: readonly number[];
  readonly color?: string;
}

export interface ILineChartProps {
  /** What the y axis is, usually the metric's name. */
  readonly title: string;
  /** The key of what is drawn, where the title is another word for it. */
  readonly raw?: string;
  /** Of the values. */
  readonly unit?: Unit;
  /** The curves; at most 100 are drawn. */
  readonly series: readonly ISeriesId[];
  readonly x?: XKind;
  /** 0 (none) to below 1. */
  readonly smooth?: number;
  readonly log?: boolean;
  readonly logX?: boolean;
  /** Whether the y axis leaves outliers outside. */
  readonly clip?: boolean;
  /** Draw the curves of a group as one. */
  readonly groups?: ILineGroups;
  /** Names under the head: of all lines, or of these. */
  readonly legend?: 'lines' | readonly ILegendEntry[];
  /** Pixels. */
  readonly height?: number;
  /** Whether the widget is on the screen; a hidden one keeps its data and does not paint. */
  readonly visible?: boolean;
  /** The zoomed range, when the parent keeps it; otherwise the chart does. */
  readonly range?: Range | null;
  readonly onRange?: (range: Range | null) => void;
  /** What is shown without a zoom; none: from the first to the last point. */
  readonly span?: Range | null;
  /** Told, without a zoom, where the points begin and end. */
  readonly onSpan?: (span: Range, x: XKind) => void;
  /** Charts of one key share their cursor. */
  readonly syncKey?: string;
  /** Live points came of a context that is not among the series. */
  readonly onStranger?: (id: ISeriesId) => void;
}

const MAX_SERIES = 100;
const HEIGHT = 220;
const LEGEND = 16;

export function LineChart(props: ILineChartProps): JSX.Element {
  const { trans } = useStudio();
  const { title, smooth = 0, clip = false, height = HEIGHT, groups } = props;
  const x = props.x ?? 'step';
  const theme = useChartTheme();
  const [own, setOwn] = React.useState<Range | null>(null);
  const range = props.range === undefined ? own : props.range;
  const onRange = props.onRange ?? setOwn;
  const host = React.useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const series = props.series.slice(0, MAX_SERIES);
  const { onStranger } = props;
  const { set, version } = useCurveSet({
    series,
    x,
    smooth,
    range,
    width,
    onStranger
  });
  const shown = set.shown?.x ?? x;
  const lines = React.useMemo(
    () =>
      groups === undefined
        ? linesOf(series, set, theme)
        : groupedLines(series, set, theme, groups, smooth > 0),
    [props.series, set, version, theme, groups, smooth > 0]
  );
  const drawn = useLatest(lines, {
    range: range ?? props.span ?? null,
    onRange
  });
  const taken = range === null ? spanOf(lines) : null;
  React.useEffect(() => {
    if (taken !== null) {
      props.onSpan?.(taken, shown);
    }
  }, [taken?.[0], taken?.[1], shown]);
  const [hovered, setHovered] = React.useState(false);
  const [tip, setTip] = React.useState<ITooltip | null>(null);
  const look: IPlotLook = {
    x: shown,
    log: props.log ?? false,
    logX: props.logX ?? false,
    smooth: smooth > 0 && groups === undefined,
    theme,
    unit: props.unit,
    syncKey: props.syncKey
  };
  const { plot, failed } = usePlot(host, {
    drawn,
    look,
    clip,
    size: { width, height },
    version,
    visible: props.visible ?? true,
    onTip: setTip
  });
  const empty =
    !set.loading &&
    set.shown !== null &&
    lines.every(l => l.buffer.length === 0);
  const cut = clip ? outsideOf(lines, look.log) : 0;
  return (
    <FigureFrame
      title={title}
      summary={summaryOf(title, lines, shown, trans, props.unit)}
      raw={props.raw}
      trans={trans}
      className="jp-Mlstudio-lineChart"
      values={() => valuesOf(lines, shown, trans, props.unit)}
      onCsv={() => saveCsv(pointsOf(lines, shown), title)}
      onPng={() =>
        plot.current && savePng([plot.current.ctx.canvas], title, lines, theme)
      }
      onSvg={() =>
        plot.current &&
        saveSvg(lineSvg(plot.current, lines, look, title), title)
      }
      controls={
        <>
          {cut > 0 && (
            <span className="jp-Mlstudio-figureNote">
              {trans._n(
                '%2 point outside',
                '%2 points outside',
                cut,
                formatNumber(cut)
              )}
            </span>
          )}
          {range !== null && (
            <button
              type="button"
              className="jp-Mlstudio-tool"
              onClick={() => onRange(null)}
            >
              {trans.__('Reset zoom')}
            </button>
          )}
        </>
      }
    >
      <Banner error={set.error} retry={() => set.refresh()} />
      {props.legend !== undefined && (
        <LineLegend
          entries={props.legend === 'lines' ? lines : props.legend}
          faint={theme.faint}
        />
      )}
      <div
        ref={host}
        className="jp-Mlstudio-plot"
        onPointerEnter={() => setHovered(true)}
        onPointerLeave={() => setHovered(false)}
        data-points={lines.reduce((n, l) => n + l.buffer.length, 0)}
        style={{ height }}
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
        {tip !== null && (
          <Tooltip tip={tip} width={width} full={hovered} unit={props.unit} />
        )}
      </div>
    </FigureFrame>
  );
}

function outsideOf(lines: readonly IPlotLine[], log: boolean): number {
  const data = lines.map(line => line.buffer);
  const range = clipRange(data, log);
  return range === null ? 0 : outside(data, range);
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

/** Which line is whose; of many the first ones. */
function LineLegend(props: {
  entries: readonly ILegendEntry[];
  faint: string;
}): JSX.Element {
  const { entries, faint } = props;
  return (
    <ul className="jp-Mlstudio-lineLegend">
      {entries.slice(0, LEGEND).map((entry, i) => (
        <li key={i}>
          <Swatch swatch={{ color: entry.color ?? faint, dash: entry.dash }} />
          <UserText text={entry.label} max={48} />
        </li>
      ))}
      {entries.length > LEGEND && <li>+{entries.length - LEGEND}</li>}
    </ul>
  );
}
