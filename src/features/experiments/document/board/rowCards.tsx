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

/** A figure of a block, made again when rows, theme or settings change. */
function useRowFigure(
  block: IBlock | null,
  make: (block: IBlock) => IFigure,
  needs: readonly unknown[]
): IFigure | null {
  return React.useMemo(
    () => (block === null ? null : make(block)),
    [block, ...needs]
  );
}

export function BarCard(props: ICardProps<IBarCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const { choices, selection, onPick, rows } = useBoard();
  const theme = useChartTheme();
  const keys = barKeys(card, choices.all);
  const { block, error } = useBlock(
    useKeys([keys?.y ?? null, keys?.by ?? null]),
    props.visible
  );
  const figure = useRowFigure(
    block,
    data =>
      barFigure(
        {
          names: data.names,
          labels: data.names.map(name => rows.labelOf(name)),
          y: data.column(keys?.y ?? ''),
          by: keys?.by ? data.column(keys.by) : null,
          error: card.error,
          selected: selection.names
        },
        theme
      ),
    [keys?.y, keys?.by, card.error, selection, theme]
  );
  const title =
    keys === null
      ? trans.__('Bars')
      : trans.__(
          '%1 by %2',
          labelOf(keys.y, trans).slice(0, 60),
          keys.by === null
            ? trans.__('trial')
            : labelOf(keys.by, trans).slice(0, 60)
        );
  if (block === null || figure === null || keys === null) {
    const missing = keys === null ? trans.__('Bars need a metric.') : '';
    return <Waiting title={title} error={error} missing={missing} />;
  }
  const y = block.column(keys.y);
  const by = keys.by === null ? null : block.column(keys.by);
  return (
    <PlotlyChart
      title={title}
      summary={trans._n('%2: %1 bar', '%2: %1 bars', figure.shown, title)}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('No row has this value.')}
      hint={
        figure.skipped > 0
          ? trans.__(
              'The first %1 of %2 are drawn.',
              formatNumber(figure.shown),
              formatNumber(figure.shown + figure.skipped)
            )
          : ''
      }
      values={() =>
        by === null
          ? columnValues(block.names, [y], trans)
          : groupValues(y, by, trans.__('Rows'), trans.__('Mean'))
      }
      onPick={onPick}
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
  const { choices, onPick } = useBoard();
  const theme = useChartTheme();
  const keys = boxKeys(props.card, choices.all);
  const { block, error } = useBlock(
    useKeys([keys?.y ?? null, keys?.by ?? null]),
    props.visible
  );
  const figure = useRowFigure(
    block,
    data =>
      boxFigure(
        {
          names: data.names,
          y: data.column(keys?.y ?? ''),
          by: data.column(keys?.by ?? '')
        },
        theme
      ),
    [keys?.y, keys?.by, theme]
  );
  const title =
    keys === null
      ? trans.__('Boxes')
      : trans.__(
          'Spread of %1 by %2',
          labelOf(keys.y, trans).slice(0, 60),
          labelOf(keys.by, trans).slice(0, 60)
        );
  if (block === null || figure === null || keys === null) {
    const missing =
      keys === null ? trans.__('Boxes need a metric and a parameter.') : '';
    return <Waiting title={title} error={error} missing={missing} />;
  }
  return (
    <PlotlyChart
      title={title}
      summary={trans._n('%2: %1 row', '%2: %1 rows', figure.shown, title)}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('No row has both values.')}
      values={() =>
        groupValues(
          block.column(keys.y),
          block.column(keys.by),
          trans.__('Rows'),
          trans.__('Mean')
        )
      }
      onPick={onPick}
    />
  );
}

export function ContourCard(props: ICardProps<IContourCard>): JSX.Element {
  const { trans } = useStudio();
  const { choices, onPick } = useBoard();
  const theme = useChartTheme();
  const keys = contourKeys(props.card, choices.all);
  const { block, error } = useBlock(
    useKeys([keys?.x ?? null, keys?.y ?? null, keys?.z ?? null]),
    props.visible
  );
  const figure = useRowFigure(
    block,
    data =>
      contourFigure(
        {
          names: data.names,
          x: data.column(keys?.x ?? ''),
          y: data.column(keys?.y ?? ''),
          z: data.column(keys?.z ?? '')
        },
        theme
      ),
    [keys?.x, keys?.y, keys?.z, theme]
  );
  const name = (key: string): string => labelOf(key, trans).slice(0, 50);
  const title =
    keys === null
      ? trans.__('Contour')
      : trans.__('%1 over %2 and %3', name(keys.z), name(keys.x), name(keys.y));
  if (block === null || figure === null || keys === null) {
    const missing =
      keys === null
        ? trans.__('A contour needs two numeric parameters and a metric.')
        : '';
    return <Waiting title={title} error={error} missing={missing} />;
  }
  return (
    <PlotlyChart
      title={title}
      summary={trans._n('%2: %1 point', '%2: %1 points', figure.shown, title)}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('Three rows or more must have all three values.')}
      hint={trans.__(
        'Between the points values are interpolated by distance; where no point is near, nothing is drawn.'
      )}
      values={() =>
        columnValues(
          block.names,
          [keys.x, keys.y, keys.z].map(key => block.column(key)),
          trans
        )
      }
      onPick={onPick}
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
