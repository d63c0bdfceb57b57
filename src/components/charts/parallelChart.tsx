/**
 * Parallel coordinates on our own canvases: every row a line over its parameters and metrics.
 *
 * Dragging along an axis brushes it; rows that pass all brushes are reported to the parent, which
 * filters its table. Every axis also is a pair of sliders for the keyboard (arrows move a bound,
 * Delete clears it, Alt with left and right reorders the axes).
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatNumber, rawCell, type Cell } from '../table/values';
import { saveCsv, savePng, saveSvg } from './download';
import { FigureFrame } from './figureFrame';
import { useWidth } from './useWidth';
import {
  boundsOf,
  brushed,
  buildAxis,
  labelAt,
  maskOf,
  moveBound,
  NA,
  sampleRows,
  type Brushes,
  type IAxis
} from './parallel';
import {
  axisX,
  boxOf,
  brushBoxes,
  drawBack,
  drawFront,
  gapOf,
  heightY,
  yHeight,
  type IParallelBox
} from './parallelDraw';
import { parallelSvg } from './parallelSvg';
import { palette, scaleColor } from './palette';
import { useChartTheme } from './theme';

/** One axis to draw: a column over all rows. */
export interface IParallelColumn {
  readonly key: string;
  readonly label: string;
  readonly cells: readonly Cell[];
}

export interface IParallelChartProps {
  readonly names: readonly string[];
  readonly columns: readonly IParallelColumn[];
  /** The column that gives the colour; null draws all in one. */
  readonly objective: string | null;
  readonly selected: ReadonlySet<string>;
  readonly brushes: Brushes;
  readonly visible: boolean;
  /** Pixels. */
  readonly height?: number;
  readonly trans: TranslationBundle;
  onBrush(brushes: Brushes): void;
  /** Axes in a new order. */
  onOrder(keys: readonly string[]): void;
}

const HEIGHT = 360;
/** Pixels around an axis that belong to it. */
const REACH = 16;

export function ParallelChart(props: IParallelChartProps): JSX.Element {
  const { names, columns, trans, brushes, visible, selected } = props;
  const theme = useChartTheme();
  const host = React.useRef<HTMLDivElement>(null);
  const back = React.useRef<HTMLCanvasElement>(null);
  const front = React.useRef<HTMLCanvasElement>(null);
  const width = useWidth(host);
  const height = props.height ?? HEIGHT;
  const box = boxOf(width, height, columns.length);
  const axes = React.useMemo(
    () => columns.map(c => buildAxis(c.key, c.label, c.cells)),
    [columns]
  );
  const objective = axes.find(a => a.key === props.objective);
  const rows = React.useMemo(
    () => sampleRows(objective, names.length),
    [objective, names]
  );
  const mask = React.useMemo(
    () => maskOf(axes, brushes, names.length),
    [axes, brushes, names]
  );
  React.useEffect(() => {
    if (visible && width > 0 && back.current !== null) {
      drawBack(back.current, box, axes, rows, theme, brushes.size > 0);
    }
  }, [visible, width, height, axes, rows, theme, brushes.size > 0]);
  React.useEffect(() => {
    if (!visible || width === 0) {
      return;
    }
    const frame = requestAnimationFrame(() => {
      if (front.current !== null) {
        const marked = names.flatMap((name, row) =>
          selected.has(name)
            ? [{ row, color: theme.series[palette.styleOf(name).slot - 1] }]
            : []
        );
        drawFront(
          front.current,
          box,
          axes,
          rows,
          mask,
          objective,
          marked,
          theme
        );
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [visible, width, height, axes, rows, mask, objective, selected, theme]);
  const passing = mask.reduce((n, m) => n + m, 0);
  const title = trans.__('Parallel coordinates');
  const summary = trans.__(
    '%1: %2 of %3 rows pass the brushes on %4 axes',
    title,
    passing,
    names.length,
    axes.length
  );
  const values = (): string[][] => [
    [trans.__('Name'), ...columns.map(c => c.label)],
    ...names.flatMap((name, i) =>
      mask[i] === 1
        ? [[name, ...columns.map(c => rawCell(c.cells[i] ?? null, 'number'))]]
        : []
    )
  ];
  return (
    <FigureFrame
      title={title}
      summary={summary}
      trans={trans}
      values={values}
      onCsv={() => saveCsv(values(), title)}
      onSvg={() =>
        saveSvg(
          parallelSvg({ title, box, axes, rows, mask, objective, theme }),
          title
        )
      }
      onPng={() => {
        if (back.current !== null && front.current !== null) {
          savePng([back.current, front.current], title, [], theme);
        }
      }}
      controls={
        <>
          <span className="jp-Mlstudio-figureNote" aria-live="polite">
            {trans.__(
              '%1 of %2',
              formatNumber(passing),
              formatNumber(names.length)
            )}
          </span>
          {brushes.size > 0 && (
            <button
              type="button"
              className="jp-Mlstudio-tool"
              onClick={() => props.onBrush(new Map())}
            >
              {trans.__('Clear brushes')}
            </button>
          )}
        </>
      }
    >
      <div ref={host} className="jp-Mlstudio-parallel" style={{ height }}>
        <div
          className="jp-Mlstudio-parallelStage"
          style={{ width: box.width, height }}
        >
          <canvas ref={back} style={{ width: box.width, height }} />
          <canvas ref={front} style={{ width: box.width, height }} />
          <Brushing {...props} axes={axes} box={box} />
        </div>
      </div>
      {objective !== undefined && (
        <ColorBar axis={objective} dark={theme.dark} />
      )}
      {rows.length < names.length && (
        <p className="jp-Mlstudio-hint">
          {trans.__(
            '%1 of %2 lines are drawn: the best and worst 1,000 and an even share of the rest.',
            formatNumber(rows.length),
            formatNumber(names.length)
          )}
        </p>
      )}
    </FigureFrame>
  );
}

function ColorBar(props: { axis: IAxis; dark: boolean }): JSX.Element {
  const { axis, dark } = props;
  const stops = [0, 0.25, 0.5, 0.75, 1]
    .map(t => scaleColor(t, dark))
    .join(', ');
  return (
    <div className="jp-Mlstudio-colorBar">
      <bdi>{axis.label.slice(0, 60)}</bdi>
      <span>{labelAt(axis, 0)}</span>
      <span
        className="jp-Mlstudio-colorRamp"
        aria-hidden="true"
        style={{ background: `linear-gradient(to right, ${stops})` }}
      />
      <span>{labelAt(axis, 1)}</span>
    </div>
  );
}

type BrushingProps = IParallelChartProps & {
  readonly axes: readonly IAxis[];
  readonly box: IParallelBox;
};

/** Titles, brushed stretches and sliders over the canvases. */
function Brushing(props: BrushingProps): JSX.Element {
  const { axes, box, brushes } = props;
  const drag = React.useRef<{ key: string; from: number; add: boolean } | null>(
    null
  );
  const place = (event: React.PointerEvent): { x: number; height: number } => {
    const rect = event.currentTarget.getBoundingClientRect();
    return {
      x: event.clientX - rect.left,
      height: yHeight(box, event.clientY - rect.top)
    };
  };
  return (
    <div
      className="jp-Mlstudio-parallelOver"
      onPointerDown={event => {
        const { x, height } = place(event);
        const axis = axes.find(
          (_, i) => Math.abs(axisX(box, i, axes.length) - x) <= REACH
        );
        if (axis !== undefined && height <= 1.02) {
          drag.current = { key: axis.key, from: height, add: event.shiftKey };
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      }}
      onPointerMove={event => {
        const now = drag.current;
        if (now !== null && !now.add) {
          const { height } = place(event);
          if (Math.abs(height - now.from) > 0.008) {
            props.onBrush(brushed(brushes, now.key, now.from, height, false));
          }
        }
      }}
      onPointerUp={event => {
        const now = drag.current;
        drag.current = null;
        if (now !== null) {
          props.onBrush(
            brushed(brushes, now.key, now.from, place(event).height, now.add)
          );
        }
      }}
    >
      {brushBoxes(box, axes, brushes).map(({ key, left, top, height }) => (
        <span
          key={key}
          className="jp-Mlstudio-brush"
          style={{ left: left - 7, top, height }}
        />
      ))}
      {axes.map((axis, i) => (
        <React.Fragment key={axis.key}>
          <bdi
            className="jp-Mlstudio-axisTitle"
            style={{
              maxWidth: titleWidth(box, axes.length),
              ...titlePlace(box, i, axes.length)
            }}
            title={axis.label.slice(0, 500)}
          >
            {axis.label.slice(0, 80)}
          </bdi>
          <Bound {...props} axis={axis} index={i} end="low" />
          <Bound {...props} axis={axis} index={i} end="high" />
        </React.Fragment>
      ))}
    </div>
  );
}

function titleWidth(box: IParallelBox, count: number): number {
  const gap = gapOf(box, count);
  return box.staggered ? 2 * gap - 4 : Math.max(60, gap - 4);
}

/** A title begins at its axis; the last ones end at the edge, else they would be cut there. */
function titlePlace(
  box: IParallelBox,
  index: number,
  count: number
): React.CSSProperties {
  const top = box.staggered && index % 2 === 1 ? 17 : 2;
  const last = index > 0 && index >= count - (box.staggered ? 2 : 1);
  return last
    ? { right: index === count - 1 ? 0 : gapOf(box, count) - 8, top }
    : { left: axisX(box, index, count) - 8, top };
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 0.01,
  ArrowRight: 0.01,
  ArrowDown: -0.01,
  ArrowLeft: -0.01,
  PageUp: 0.1,
  PageDown: -0.1
};

/** One bound of an axis as a slider. */
function Bound(
  props: BrushingProps & { axis: IAxis; index: number; end: 'low' | 'high' }
): JSX.Element {
  const { axis, axes, box, brushes, index, end, trans, onBrush, onOrder } =
    props;
  const [low, high] = boundsOf(brushes, axis.key);
  const at = Math.max(NA, end === 'low' ? low : high);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    const side =
      event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.altKey && side !== 0) {
      const keys = axes.map(a => a.key);
      const to = index + side;
      if (to >= 0 && to < keys.length) {
        [keys[index], keys[to]] = [keys[to], keys[index]];
        onOrder(keys);
      }
    } else if (step !== undefined) {
      const size =
        axis.kind === 'category'
          ? 1 / Math.max(1, axis.values.length - 1)
          : Math.abs(step);
      onBrush(moveBound(brushes, axis.key, end, at + Math.sign(step) * size));
    } else if (event.key === 'Home' || event.key === 'End') {
      onBrush(moveBound(brushes, axis.key, end, event.key === 'Home' ? 0 : 1));
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      onBrush(brushed(brushes, axis.key, 0, 0, false));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const name = axis.label.slice(0, 80);
  return (
    <span
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={
        end === 'low'
          ? trans.__('Lowest %1', name)
          : trans.__('Highest %1', name)
      }
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.max(0, at) * 100)}
      aria-valuetext={labelAt(axis, at)}
      className={`jp-Mlstudio-bound jp-mod-${end}`}
      style={{
        left: axisX(box, index, axes.length) - 12,
        top: heightY(box, at) - 12
      }}
      onKeyDown={onKeyDown}
    />
  );
}
