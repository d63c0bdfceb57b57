/** The charts of an experiment as cards that the user arranges. */
import * as React from 'react';

import {
  palette,
  type Brushes,
  type Range,
  type XKind
} from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { columnsFor, shownCards } from './arrange';
import { BoardBar } from './boardBar';
import {
  BoardContext,
  type IBoardContext,
  type IBoardProps
} from './boardContext';
import { BoardCard } from './card';
import type { ICard } from './model';
import {
  boardColumns,
  cardColumns,
  cardsOf,
  choicesOf,
  LEAST_FINISHED
} from './resolve';
import { RunLegend } from './runLegend';
import { useArrange } from './useArrange';
import { useBrushedNames } from './useBrushed';
import { useContexts } from './useContexts';

export function Board(props: IBoardProps): JSX.Element {
  const { columns, view, rows, data, grouping, visible } = props;
  const { trans } = useStudio();
  const host = React.useRef<HTMLDivElement>(null);
  const wide = useColumns(host);
  const finished = useFinished(props);
  const cards = React.useMemo(
    () => cardsOf(view, columns, finished),
    [view.cards, columns, finished]
  );
  const choices = React.useMemo(() => choicesOf(columns), [columns]);
  const brushes = useBrushes(props, cards);
  const names = useBrushedNames(rows, columns, brushes);
  useTold(props, names);
  const runs = useLatestRuns(props.runs, names);
  React.useEffect(() => {
    data.name(boardColumns(view));
  }, [data, view]);
  const needed = cards.flatMap(c => cardColumns(c, choices.all, grouping));
  const neededKey = [...new Set(needed)].sort().join('\n');
  React.useEffect(() => {
    data.need(neededKey === '' ? [] : neededKey.split('\n'), 'board');
  }, [data, neededKey]);
  const curves = cards.some(card => card.kind === 'curves');
  const contexts = useContexts(runs, curves && choices.metrics.length <= 2000);
  const zoom = useZoom();
  const arrange = useArrange({ ...props, runs }, cards, contexts);
  palette.settle(runs);
  const context: IBoardContext = {
    ...props,
    runs,
    choices,
    brushes,
    contexts,
    ...zoom,
    change: arrange.actions.onChange,
    setBrushes: next =>
      props.onView(v => ({ ...v, brushes: Object.fromEntries(next) }))
  };
  return (
    <BoardContext.Provider value={context}>
      <div
        ref={host}
        className="jp-Mlstudio-board"
        role="region"
        aria-label={trans.__('Charts')}
        data-visible={visible}
      >
        <BoardBar cards={cards} arrange={arrange} names={names} />
        {curves && <RunLegend />}
        {cards.length === 0 && (
          <p className="jp-Mlstudio-chartNote">
            {view.cards === null
              ? trans.__(
                  'No metric was logged yet. Curves appear with the first one.'
                )
              : trans.__('The board is empty: add a chart.')}
          </p>
        )}
        <div
          className="jp-Mlstudio-boardGrid"
          style={{ gridTemplateColumns: `repeat(${wide}, minmax(0, 1fr))` }}
        >
          {shownCards(cards).map(card => (
            <BoardCard
              key={card.id}
              card={card}
              columns={wide}
              mark={arrange.markOf(card.id)}
              actions={arrange.actions}
            />
          ))}
        </div>
      </div>
    </BoardContext.Provider>
  );
}

/** How many columns the board has room for. */
function useColumns(host: React.RefObject<HTMLDivElement>): number {
  const [columns, setColumns] = React.useState(1);
  React.useLayoutEffect(() => {
    const node = host.current;
    if (node === null) {
      return;
    }
    const measure = (): void => {
      if (node.clientWidth > 0) {
        setColumns(columnsFor(node.clientWidth - 24));
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [host]);
  return columns;
}

/** How many rows are finished; counted no further than the board asks. */
function useFinished(props: IBoardProps): number {
  const { rows } = props;
  const version = React.useSyncExternalStore(
    rows.subscribe,
    () => rows.version
  );
  return React.useMemo(() => {
    let n = 0;
    for (let i = 0; i < rows.count && n < LEAST_FINISHED; i++) {
      n += rows.cell(i, 'status') === 'Completed' ? 1 : 0;
    }
    return n;
  }, [rows, version]);
}

/** Brushes whose axes are shown: what nobody sees must not filter. */
function useBrushes(props: IBoardProps, cards: readonly ICard[]): Brushes {
  const { view, columns, grouping } = props;
  return React.useMemo(() => {
    const { all } = choicesOf(columns);
    const axes = new Set(
      cards
        .filter(card => card.kind === 'parallel')
        .flatMap(card => cardColumns(card, all, grouping))
    );
    return new Map(
      Object.entries(view.brushes).filter(([key]) => axes.has(key))
    );
  }, [view.brushes, cards, columns, grouping]);
}

/** Tell the table which names pass; without a board all do. */
function useTold(props: IBoardProps, names: ReadonlySet<string> | null): void {
  const told = React.useRef(props.onBrushed);
  told.current = props.onBrushed;
  React.useEffect(() => told.current(names), [names]);
  React.useEffect(() => () => told.current(null), []);
}

/** The runs that pass the brushes, the same array while they are the same. */
function useLatestRuns(
  runs: readonly string[],
  names: ReadonlySet<string> | null
): readonly string[] {
  const key = runs.filter(run => names === null || names.has(run)).join('\n');
  return React.useMemo(() => (key === '' ? [] : key.split('\n')), [key]);
}

/** One zoom and one cursor for all curves over the same x. */
function useZoom(): Pick<IBoardContext, 'rangeOf' | 'setRange' | 'syncKey'> {
  const id = React.useId();
  const [ranges, setRanges] = React.useState<
    Readonly<Partial<Record<XKind, Range>>>
  >({});
  return {
    rangeOf: x => ranges[x] ?? null,
    setRange: (x, range) =>
      setRanges(old => ({ ...old, [x]: range ?? undefined })),
    syncKey: x => `mlstudio-${id}-${x}`
  };
}
