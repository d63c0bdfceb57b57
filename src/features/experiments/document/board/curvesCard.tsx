/** Curves of one metric or several, for the runs that are drawn, one by one or in groups. */
import * as React from 'react';

import {
  FigureNote,
  LineChart,
  type ILineGroups
} from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { useBoard, type IBoardContext, type ICardProps } from './boardContext';
import type { ICurvesCard } from './model';
import { groupsFor, seriesOf, variantsOf } from './series';

export function CurvesCard(props: ICardProps<ICurvesCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const board = useBoard();
  const { rows, runs, contexts } = board;
  const { metrics, x } = card;
  const metricsKey = metrics.join('\n');
  const series = React.useMemo(
    () => seriesOf(metrics, runs, contexts, name => rows.labelOf(name)),
    [metricsKey, runs, contexts, rows]
  );
  const groups = useGroups(card, board);
  if (metrics.length === 0 || runs.length === 0) {
    return (
      <FigureNote title={titleOf(metrics) || trans.__('Curves')}>
        {metrics.length === 0
          ? trans.__('Choose a metric in the settings.')
          : trans.__('No trial to draw yet.')}
      </FigureNote>
    );
  }
  // A run that has not logged a metric yet says nothing about its contexts.
  const told = series.filter(id => contexts.of(id.component, id.name) !== null);
  const variants = variantsOf(told.length > 0 ? told : series);
  const legend =
    groups !== undefined || (runs.length === 1 && variants.length > 1)
      ? 'lines'
      : variants.length > 1
        ? variants
        : undefined;
  return (
    <LineChart
      title={titleOf(metrics)}
      series={series}
      x={x}
      smooth={card.smooth}
      log={card.logY}
      logX={card.logX}
      clip={card.clip}
      groups={groups}
      legend={legend}
      height={props.height}
      visible={props.visible}
      range={board.rangeOf(x)}
      onRange={range => board.setRange(x, range)}
      syncKey={board.syncKey(x)}
      onStranger={contexts.add}
    />
  );
}

export const titleOf = (metrics: readonly string[]): string =>
  metrics.length <= 3
    ? metrics.join(', ')
    : `${metrics.slice(0, 3).join(', ')}, …`;

/** The groups of a card, the same object while they are the same. */
function useGroups(
  card: ICurvesCard,
  board: IBoardContext
): ILineGroups | undefined {
  const { trans } = useStudio();
  const { rows, runs, grouping } = board;
  const version = React.useSyncExternalStore(
    rows.subscribe,
    () => rows.version
  );
  const last = React.useRef<{ key: string; groups: ILineGroups | undefined }>({
    key: '',
    groups: undefined
  });
  return React.useMemo(() => {
    const groups = groupsFor(card, rows, runs, grouping, trans);
    const named = runs.map(component => groups?.of({ component, name: '' }));
    const key = JSON.stringify([named, card.band, card.metrics.length > 1]);
    if (key !== last.current.key) {
      last.current = { key, groups };
    }
    return last.current.groups;
  }, [card, rows, runs, grouping, version]);
}
