/** A scatter of rows: any column against any other, coloured by a third. plotly comes when it is shown. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Banner } from '../common/Banner';
import { rawCell } from '../table/values';
import { fileName, saveCsv, saveUrl } from './download';
import { FigureFrame, type ValueTable } from './figureFrame';
import { loadPlotly, type IPlotly, type IPlotlyNode } from './lazy';
import {
  scatterFigure,
  type IFigure,
  type IScatterRows
} from './scatterFigure';
import { useChartTheme, type IChartTheme } from './theme';
import { useWidth } from './useWidth';

export interface IScatterChartProps {
  readonly rows: IScatterRows;
  readonly visible: boolean;
  readonly trans: TranslationBundle;
  /** A point was clicked. */
  onPick(name: string): void;
}

const HEIGHT = 380;
/** Live rows draw a plotly figure at most so often. */
const PAUSE_MS = 700;

export function ScatterChart(props: IScatterChartProps): JSX.Element {
  const { rows, trans, visible } = props;
  const theme = useChartTheme();
  const host = React.useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const figure = React.useMemo(() => scatterFigure(rows, theme), [rows, theme]);
  const { plotly, error, retry } = usePlotly();
  useFigure(host, plotly, figure, width, visible, props.onPick);
  const title = trans.__(
    '%1 against %2',
    rows.y.label.slice(0, 60),
    rows.x.label.slice(0, 60)
  );
  const values = (): ValueTable => valuesOf(rows, trans);
  return (
    <FigureFrame
      title={title}
      summary={trans._n('%2: %1 point', '%2: %1 points', figure.shown, title)}
      trans={trans}
      values={values}
      onCsv={() => saveCsv(values(), title)}
      onPng={() => {
        if (plotly !== null && host.current !== null) {
          void saveFigure(plotly, host.current, theme, title);
        }
      }}
    >
      <Banner error={error} retry={retry} />
      <div className="jp-Mlstudio-scatter" style={{ height: HEIGHT }}>
        {plotly === null && error === null && (
          <p className="jp-Mlstudio-chartNote">{trans.__('Loading chart…')}</p>
        )}
        {plotly !== null && figure.shown === 0 && (
          <p className="jp-Mlstudio-chartNote">
            {trans.__('No row has both values.')}
          </p>
        )}
        <div ref={host} className="jp-Mlstudio-plotly" />
      </div>
      {figure.skipped > 0 && (
        <p className="jp-Mlstudio-hint">
          {trans.__(
            '%1 points are drawn, %2 are left out evenly.',
            figure.shown,
            figure.skipped
          )}
        </p>
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

function useFigure(
  host: React.RefObject<HTMLDivElement>,
  plotly: IPlotly | null,
  figure: IFigure,
  width: number,
  visible: boolean,
  onPick: (name: string) => void
): void {
  const pick = React.useRef(onPick);
  pick.current = onPick;
  const bound = React.useRef(false);
  const last = React.useRef(0);
  React.useEffect(() => {
    const node = host.current as IPlotlyNode | null;
    if (plotly === null || node === null || !visible || width === 0) {
      return;
    }
    const draw = async (): Promise<void> => {
      last.current = performance.now();
      const layout = {
        ...figure.layout,
        width,
        height: HEIGHT,
        uirevision: 'keep'
      };
      await plotly.react(node, figure.data, layout, {
        displaylogo: false,
        modeBarButtonsToRemove: [
          'toImage',
          'select2d',
          'lasso2d',
          'autoScale2d'
        ]
      });
      if (!bound.current) {
        bound.current = true;
        node.on?.('plotly_click', event => {
          const name = event.points?.[0]?.customdata;
          if (typeof name === 'string') {
            pick.current(name);
          }
        });
      }
    };
    const wait = Math.max(0, last.current + PAUSE_MS - performance.now());
    const timer = setTimeout(() => void draw(), last.current === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [plotly, figure, width, visible]);
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
  title: string
): Promise<void> {
  const before = (node as unknown as { layout?: { paper_bgcolor?: string } })
    .layout;
  const kept = before?.paper_bgcolor;
  if (before) {
    // The page behind the chart is not in the picture.
    before.paper_bgcolor = theme.background;
  }
  try {
    const url = await plotly.toImage(node, { format: 'png', scale: 2 });
    saveUrl(url, fileName(title, 'png'));
  } finally {
    if (before) {
      before.paper_bgcolor = kept;
    }
  }
}

function valuesOf(rows: IScatterRows, trans: TranslationBundle): ValueTable {
  const columns = [
    rows.x,
    rows.y,
    ...(rows.color === null ? [] : [rows.color])
  ];
  return [
    [trans.__('Name'), ...columns.map(c => c.label)],
    ...rows.names.map((name, i) => [
      name,
      ...columns.map(c => rawCell(c.cells[i] ?? null, 'number'))
    ])
  ];
}
