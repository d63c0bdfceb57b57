/** Any plotly figure in a frame: the library comes when the first one is shown. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Banner } from '../common/Banner';
import { fileName, saveCsv, saveUrl } from './download';
import { FigureFrame, type ValueTable } from './figureFrame';
import type { IFigure } from './figureParts';
import { loadPlotly, type IPlotly, type IPlotlyNode } from './lazy';
import { useChartTheme, type IChartTheme } from './theme';
import { useWidth } from './useWidth';

export interface IPlotlyChartProps {
  readonly title: string;
  /** The chart in one sentence. */
  readonly summary: string;
  readonly figure: IFigure;
  /** Pixels. */
  readonly height?: number;
  readonly visible: boolean;
  readonly trans: TranslationBundle;
  /** Said when nothing is drawn. */
  readonly empty: string;
  /** Said under the chart. */
  readonly hint?: string;
  values(): ValueTable;
  /** A point was clicked whose `customdata` is a name. */
  onPick?(name: string): void;
}

const HEIGHT = 320;
/** Live rows draw a plotly figure at most so often. */
const PAUSE_MS = 700;

export function PlotlyChart(props: IPlotlyChartProps): JSX.Element {
  const { figure, trans, title, height = HEIGHT } = props;
  const theme = useChartTheme();
  const host = React.useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const { plotly, error, retry } = usePlotly();
  useFigure(host, plotly, props, { width, height });
  const save = (format: 'png' | 'svg'): void => {
    if (plotly !== null && host.current !== null) {
      void saveFigure(plotly, host.current, theme, title, format);
    }
  };
  return (
    <FigureFrame
      title={title}
      summary={props.summary}
      trans={trans}
      values={props.values}
      onCsv={() => saveCsv(props.values(), title)}
      onPng={() => save('png')}
      onSvg={() => save('svg')}
    >
      <Banner error={error} retry={retry} />
      <div className="jp-Mlstudio-scatter" style={{ height }}>
        {plotly === null && error === null && (
          <p className="jp-Mlstudio-chartNote">{trans.__('Loading chart…')}</p>
        )}
        {plotly !== null && figure.shown === 0 && (
          <p className="jp-Mlstudio-chartNote">{props.empty}</p>
        )}
        <div
          ref={host}
          className="jp-Mlstudio-plotly"
          style={figure.shown === 0 ? { visibility: 'hidden' } : undefined}
        />
      </div>
      {props.hint !== undefined && props.hint !== '' && (
        <p className="jp-Mlstudio-hint">{props.hint}</p>
      )}
    </FigureFrame>
  );
}

function usePlotly(): {
  plotly: IPlotly | null;
  error: unknown;
  retry: () => void;
} {
  const [state, setState] = React.useState<{
    plotly: IPlotly | null;
    error: unknown;
  }>({
    plotly: null,
    error: null
  });
  const alive = React.useRef(true);
  const load = React.useCallback(() => {
    setState({ plotly: null, error: null });
    loadPlotly().then(
      plotly => alive.current && setState({ plotly, error: null }),
      (error: unknown) => alive.current && setState({ plotly: null, error })
    );
  }, []);
  React.useEffect(() => {
    alive.current = true;
    load();
    return () => {
      alive.current = false;
    };
  }, [load]);
  return { ...state, retry: load };
}

const CONFIG = {
  displaylogo: false,
  modeBarButtonsToRemove: ['toImage', 'select2d', 'lasso2d', 'autoScale2d']
};

function useFigure(
  host: React.RefObject<HTMLDivElement>,
  plotly: IPlotly | null,
  props: IPlotlyChartProps,
  size: { width: number; height: number }
): void {
  const { figure, visible } = props;
  const pick = React.useRef(props.onPick);
  pick.current = props.onPick;
  const bound = React.useRef(false);
  const last = React.useRef(0);
  React.useEffect(() => {
    const node = host.current as IPlotlyNode | null;
    if (plotly === null || node === null || !visible || size.width === 0) {
      return;
    }
    const draw = async (): Promise<void> => {
      last.current = performance.now();
      const layout = { ...figure.layout, ...size, uirevision: 'keep' };
      await plotly.react(node, figure.data, layout, CONFIG);
      if (!bound.current) {
        bound.current = true;
        node.on?.('plotly_click', event => {
          const name = event.points?.[0]?.customdata;
          if (typeof name === 'string') {
            pick.current?.(name);
          }
        });
      }
    };
    const rest = last.current + PAUSE_MS - performance.now();
    const first = last.current === 0;
    const timer = setTimeout(
      () => void draw(),
      first ? 0 : Math.max(0, Math.min(PAUSE_MS, rest))
    );
    return () => clearTimeout(timer);
  }, [plotly, figure, size.width, size.height, visible]);
  React.useEffect(() => {
    const node = host.current;
    return () => {
      if (plotly !== null && node !== null) {
        plotly.purge(node);
      }
    };
  }, [plotly]);
}

async function saveFigure(
  plotly: IPlotly,
  node: HTMLElement,
  theme: IChartTheme,
  title: string,
  format: 'png' | 'svg'
): Promise<void> {
  const before = (node as unknown as { layout?: { paper_bgcolor?: string } })
    .layout;
  const kept = before?.paper_bgcolor;
  if (before) {
    // The page behind the chart is not in the picture.
    before.paper_bgcolor = theme.background;
  }
  try {
    const scale = format === 'png' ? 2 : 1;
    const url = await plotly.toImage(node, { format, scale });
    saveUrl(url, fileName(title, format));
  } finally {
    if (before) {
      before.paper_bgcolor = kept;
    }
  }
}
