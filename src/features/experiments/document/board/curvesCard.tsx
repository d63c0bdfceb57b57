/** Curves of one metric or several, for the runs that are drawn, one by one or in groups. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import {
  contextText,
  FigureNote,
  LineChart,
  type ILineGroups,
  type ISeriesId
} from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { labelOf, type IRowSource } from '../../../../components/table';
import { useBoard, type IBoardContext, type ICardProps } from './boardContext';
import type { ICurvesCard } from './model';
import { groupKeys } from './resolve';

/** Dashes of the second, third, … metric or context of a run. */
const VARIANTS: readonly (readonly number[])[] = [
  [],
  [6, 4],
  [2, 3],
  [10, 3, 2, 3],
  [14, 4],
  [4, 2]
];

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
  const variants = variantsOf(series);
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

const variantOf = (id: ISeriesId): string =>
  `${id.name}\u0000${contextText(id.context)}`;

/** What tells the lines of one run apart, with their dashes. */
function variantsOf(
  series: readonly ISeriesId[]
): { label: string; dash: readonly number[] }[] {
  const found = new Map<string, { label: string; dash: readonly number[] }>();
  for (const id of series) {
    const key = variantOf(id);
    if (!found.has(key)) {
      const context = contextText(id.context);
      found.set(key, {
        label: context === '' ? id.name : `${id.name} (${context})`,
        dash: id.dash ?? []
      });
    }
  }
  return [...found.values()];
}

/** Every run's series of these metrics; a context is a line of its own. */
export function seriesOf(
  metrics: readonly string[],
  runs: readonly string[],
  contexts: Pick<IBoardContext['contexts'], 'of'>,
  nameOf: (run: string) => string
): ISeriesId[] {
  const ids = metrics.flatMap(name =>
    runs.flatMap(component =>
      (contexts.of(component, name) ?? [{}]).map((context): ISeriesId => ({
        component,
        name,
        context
      }))
    )
  );
  const variants = [...new Set(ids.map(variantOf))];
  const alone = runs.length === 1;
  return ids.map(id => {
    const at = variants.indexOf(variantOf(id));
    const more = [
      ...(metrics.length > 1 ? [id.name] : []),
      ...(contextText(id.context) === '' ? [] : [contextText(id.context)])
    ].join(', ');
    const run = nameOf(id.component);
    return {
      ...id,
      label: more === '' ? run : alone ? more : `${run} · ${more}`,
      // One run's lines differ by colour; of several runs a colour is a run.
      style: alone && variants.length > 1 ? `variant:${more}` : id.component,
      ...(variants.length === 1 || alone
        ? {}
        : { dash: VARIANTS[at % VARIANTS.length] })
    };
  });
}

/** Which group each series is in, by the values of the card's columns; undefined draws them alone. */
export function groupsFor(
  card: ICurvesCard,
  rows: IRowSource,
  runs: readonly string[],
  grouping: readonly string[],
  trans: TranslationBundle
): ILineGroups | undefined {
  const keys = groupKeys(card, grouping);
  if (keys.length === 0) {
    return undefined;
  }
  const byRun = new Map(
    runs.map(run => {
      const row = rows.indexOf(run);
      const texts = keys.map(key => {
        const cell = row < 0 ? null : rows.cell(row, key);
        return `${labelOf(key, trans)} = ${cell === null || cell === undefined ? 'n/a' : String(cell)}`;
      });
      return [run, texts.join(', ')];
    })
  );
  const several = card.metrics.length > 1;
  const of = (id: ISeriesId): string | undefined => {
    const group = byRun.get(id.component);
    const context = contextText(id.context);
    return group === undefined
      ? undefined
      : [
          ...(several ? [id.name] : []),
          ...(context === '' ? [] : [context]),
          group
        ].join(' · ');
  };
  return { of, band: card.band };
}

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
