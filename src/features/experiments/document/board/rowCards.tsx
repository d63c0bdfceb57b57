/** Cards over the rows of the table: scatter, bars, boxes, contours, parallel coordinates. */
import * as React from 'react';

import {
  barFigure,
  boxFigure,
  columnValues,
  contourFigure,
  FigureNote,
  groupsOf,
  ParallelChart,
  PlotlyChart,
  ScatterChart,
  useChartTheme,
  type IChartTheme,
  type IFigure,
  type IFigureColumn,
  type IParallelColumn
} from '../../../../components/charts';
import { Banner, formatNumber, useStudio } from '../../../../components/common';
import { labelOf } from '../../../../components/table';
import { useBoard, type ICardProps } from './boardContext';
import type {
  IBarCard,
  IBoxCard,
  IContourCard,
  IParallelCard,
  IScatterCard
} from './model';
import {
  barKeys,
  boxKeys,
  contourKeys,
  parallelKeys,
  scatterKeys
} from './resolve';
import { useBlock, type IBlock } from './useBlock';

/** Keys of a card, the same array while they are the same. */
function useKeys(keys: readonly (string | null)[]): readonly string[] {
  const found = keys.flatMap(key => key ?? []);
  const key = found.join('\n');
  return React.useMemo(() => found, [key]);
}

export function ScatterCard(props: ICardProps<IScatterCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const { choices, selection, onPick } = useBoard();
  const keys = scatterKeys(card, choices.all);
  const { block, error } = useBlock(
    useKeys(keys === null ? [] : Object.values(keys)),
    props.visible
  );
  const { logX, logY, trend } = card;
  const rows = React.useMemo(
    () =>
      block === null || keys === null
        ? null
        : {
            names: block.names,
            x: block.column(keys.x),
            y: block.column(keys.y),
            color: keys.color === null ? null : block.column(keys.color),
            size: keys.size === null ? null : block.column(keys.size),
            selected: selection.names,
            logX,
            logY,
            trend
          },
    [
      block,
      keys?.x,
      keys?.y,
      keys?.color,
      keys?.size,
      selection,
      logX,
      logY,
      trend
    ]
  );
  if (rows === null) {
    return (
      <Waiting
        title={trans.__('Scatter')}
        error={error}
        missing={
          keys === null
            ? trans.__('A scatter needs two columns with values.')
            : ''
        }
      />
    );
  }
  return (
    <ScatterChart
      rows={rows}
      visible={props.visible}
      height={props.height}
      trans={trans}
      onPick={onPick}
    />
  );
}

/** Why there is no chart yet. */
function Waiting(props: {
  title: string;
  error: unknown;
  missing: string;
}): JSX.Element {
  const { trans } = useStudio();
  return (
    <FigureNote title={props.title}>
      {props.error !== null ? (
        <Banner error={props.error} />
      ) : (
        props.missing || trans.__('Loading chart…')
      )}
    </FigureNote>
  );
}

interface IFigureCardProps {
  readonly frame: Pick<ICardProps<IBarCard>, 'visible' | 'height'>;
  readonly title: string;
  /** Columns that are drawn. */
  readonly keys: readonly (string | null)[];
  /** Why nothing can be drawn, or empty. */
  readonly missing: string;
  /** Said where no row has what is drawn. */
  readonly empty: string;
  /** What else the figure is made of: it is made again when one of these changes. */
  readonly needs: readonly unknown[];
  make(block: IBlock, theme: IChartTheme): IFigure;
  /** The chart in a sentence, with how many things are drawn. */
  summary(shown: number): string;
  hint?(figure: IFigure): string;
  values(block: IBlock): readonly (readonly string[])[];
}

/** A plotly figure over columns of the rows: it waits for them, and is renewed with them. */
function FigureCard(props: IFigureCardProps): JSX.Element {
  const { frame, title, missing, make } = props;
  const { trans } = useStudio();
  const { onPick } = useBoard();
  const theme = useChartTheme();
  const { block, error } = useBlock(useKeys(props.keys), frame.visible);
  const drawn = missing === '';
  const figure = React.useMemo(
    () => (block === null || !drawn ? null : make(block, theme)),
    [block, theme, drawn, ...props.needs]
  );
  if (block === null || figure === null) {
    return <Waiting title={title} error={error} missing={missing} />;
  }
  return (
    <PlotlyChart
      title={title}
      summary={props.summary(figure.shown)}
      figure={figure}
      height={frame.height}
      visible={frame.visible}
      trans={trans}
      empty={props.empty}
      hint={props.hint?.(figure)}
      values={() => props.values(block)}
      onPick={onPick}
    />
  );
}

export function BarCard(props: ICardProps<IBarCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const { choices, selection, rows } = useBoard();
  const keys = barKeys(card, choices.all);
  const [y, by] = [keys?.y ?? '', keys?.by ?? null];
  const title =
    keys === null
      ? trans.__('Bars')
      : trans.__(
          '%1 by %2',
          labelOf(y, trans).slice(0, 60),
          by === null ? trans.__('trial') : labelOf(by, trans).slice(0, 60)
        );
  return (
    <FigureCard
      frame={props}
      title={title}
      keys={[keys?.y ?? null, by]}
      missing={keys === null ? trans.__('Bars need a metric.') : ''}
      empty={trans.__('No row has this value.')}
      needs={[y, by, card.error, selection]}
      make={(block, theme) =>
        barFigure(
          {
            names: block.names,
            labels: block.names.map(name => rows.labelOf(name)),
            y: block.column(y),
            by: by === null ? null : block.column(by),
            error: card.error,
            selected: selection.names
          },
          theme
        )
      }
      summary={n => trans._n('%2: %1 bar', '%2: %1 bars', n, title)}
      hint={({ shown, skipped }) =>
        skipped > 0
          ? trans.__(
              'The first %1 of %2 are drawn.',
              formatNumber(shown),
              formatNumber(shown + skipped)
            )
          : ''
      }
      values={block =>
        by === null
          ? columnValues(block.names, [block.column(y)], trans)
          : groupValues(
              block.column(y),
              block.column(by),
              trans.__('Rows'),
              trans.__('Mean')
            )
      }
    />
  );
}

function groupValues(
  y: IFigureColumn,
  by: IFigureColumn,
  rows: string,
  mean: string
): string[][] {
  return [
    [by.label, rows, `${mean} ${y.label}`, 'std', 'min', 'max'],
    ...groupsOf(y, by).map(({ label, moments: m }) => [
      label,
      String(m.n),
      ...[m.mean, m.std, m.min, m.max].map(String)
    ])
  ];
}

export function BoxCard(props: ICardProps<IBoxCard>): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const keys = boxKeys(props.card, choices.all);
  const [y, by] = [keys?.y ?? '', keys?.by ?? ''];
  const title =
    keys === null
      ? trans.__('Boxes')
      : trans.__(
          'Spread of %1 by %2',
          labelOf(y, trans).slice(0, 60),
          labelOf(by, trans).slice(0, 60)
        );
  return (
    <FigureCard
      frame={props}
      title={title}
      keys={[keys?.y ?? null, keys?.by ?? null]}
      missing={
        keys === null ? trans.__('Boxes need a metric and a parameter.') : ''
      }
      empty={trans.__('No row has both values.')}
      needs={[y, by]}
      make={(block, theme) =>
        boxFigure(
          { names: block.names, y: block.column(y), by: block.column(by) },
          theme
        )
      }
      summary={n => trans._n('%2: %1 row', '%2: %1 rows', n, title)}
      values={block =>
        groupValues(
          block.column(y),
          block.column(by),
          trans.__('Rows'),
          trans.__('Mean')
        )
      }
    />
  );
}

export function ContourCard(props: ICardProps<IContourCard>): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const keys = contourKeys(props.card, choices.all);
  const [x, y, z] = [keys?.x ?? '', keys?.y ?? '', keys?.z ?? ''];
  const name = (key: string): string => labelOf(key, trans).slice(0, 50);
  const title =
    keys === null
      ? trans.__('Contour')
      : trans.__('%1 over %2 and %3', name(z), name(x), name(y));
  return (
    <FigureCard
      frame={props}
      title={title}
      keys={[keys?.x ?? null, keys?.y ?? null, keys?.z ?? null]}
      missing={
        keys === null
          ? trans.__('A contour needs two numeric parameters and a metric.')
          : ''
      }
      empty={trans.__('Three rows or more must have all three values.')}
      needs={[x, y, z]}
      make={(block, theme) =>
        contourFigure(
          {
            names: block.names,
            x: block.column(x),
            y: block.column(y),
            z: block.column(z)
          },
          theme
        )
      }
      summary={n => trans._n('%2: %1 point', '%2: %1 points', n, title)}
      hint={() =>
        trans.__(
          'Between the points values are interpolated by distance; where no point is near, nothing is drawn.'
        )
      }
      values={block =>
        columnValues(
          block.names,
          [x, y, z].map(key => block.column(key)),
          trans
        )
      }
    />
  );
}

export function ParallelCard(props: ICardProps<IParallelCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const board = useBoard();
  const { choices, brushes, selection } = board;
  const { axes, color } = parallelKeys(card, choices.all);
  const keys = useKeys(axes);
  const { block, error } = useBlock(keys, props.visible, false);
  const drawn = React.useMemo(
    (): IParallelColumn[] =>
      block === null ? [] : keys.map(key => block.column(key)),
    [block, keys]
  );
  if (block === null || keys.length < 2) {
    return (
      <Waiting
        title={trans.__('Parallel coordinates')}
        error={error}
        missing={keys.length < 2 ? trans.__('Choose two axes or more.') : ''}
      />
    );
  }
  return (
    <ParallelChart
      names={block.names}
      columns={drawn}
      objective={color}
      selected={selection.names}
      brushes={brushes}
      visible={props.visible}
      height={props.height}
      trans={trans}
      onBrush={board.setBrushes}
      onOrder={next =>
        board.change(card.id, { axes: next } as Partial<IParallelCard>)
      }
    />
  );
}
