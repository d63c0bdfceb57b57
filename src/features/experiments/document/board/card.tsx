/**
 * A card of the board: its head, its chart, its place and size.
 *
 * A card is dragged by its head, or moved with the arrow keys on its grip; the corner sets height
 * and width, by pointer or arrows. What is not on the screen is not drawn.
 */
import * as React from 'react';

import { FigureShell, useTold } from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { ArtifactCard } from './artifactCard';
import { useBoard, type ICardProps } from './boardContext';
import { CardHead, type ICardActions } from './cardHead';
import { Corner } from './corner';
import { CurvesCard } from './curvesCard';
import { heightOf, type CardKind, type CardOf, type ICard } from './model';
import {
  BarCard,
  BoxCard,
  ContourCard,
  ParallelCard,
  ScatterCard
} from './rowCards';
import { CorrelationCard, ImportanceCard } from './statsCards';
import { useOnScreen } from './useOnScreen';

export interface IBoardCardProps {
  readonly card: ICard;
  /** Columns of the board. */
  readonly columns: number;
  /** Where a dragged card would land: before it, behind it, or not here. */
  readonly mark: 'before' | 'behind' | null;
  readonly actions: ICardActions;
}

type Body<K extends CardKind> = (props: ICardProps<CardOf<K>>) => JSX.Element;

const BODIES: { readonly [K in Exclude<CardKind, 'section'>]: Body<K> } = {
  curves: CurvesCard,
  scatter: ScatterCard,
  bar: BarCard,
  box: BoxCard,
  contour: ContourCard,
  parallel: ParallelCard,
  importance: ImportanceCard,
  correlation: CorrelationCard,
  artifact: ArtifactCard
};

export function BoardCard(props: IBoardCardProps): JSX.Element {
  const { card, actions, mark } = props;
  const { trans } = useStudio();
  const { visible } = useBoard();
  const node = React.useRef<HTMLDivElement>(null);
  const near = useOnScreen(node);
  const span = Math.min(card.span, props.columns);
  const [told, tell] = useTold();
  const [slot, setSlot] = React.useState<HTMLElement | null>(null);
  const shell = React.useMemo(() => ({ slot, tell }), [slot, tell]);
  const section = card.kind === 'section';
  const title = card.title || told?.title || nameOf(card, trans);
  const open = !section && !card.collapsed;
  return (
    <div
      ref={node}
      role="group"
      aria-label={title}
      data-card={card.id}
      data-kind={card.kind}
      className={
        'jp-Mlstudio-card' +
        (section ? ' jp-mod-section' : '') +
        (card.collapsed ? ' jp-mod-collapsed' : '') +
        (mark === null ? '' : ` jp-mod-${mark}`)
      }
      style={{ gridColumn: section ? '1 / -1' : `span ${span}` }}
      onDragOver={event => actions.onDragOver(card.id, event)}
      onDrop={event => actions.onDrop(card.id, event)}
    >
      <CardHead
        card={card}
        title={title}
        tools={open ? (told?.tools ?? []) : []}
        slot={setSlot}
        actions={actions}
      />
      {open && (
        <>
          <FigureShell.Provider value={shell}>
            {near ? (
              <CardBody card={card} visible={visible} />
            ) : (
              <div style={{ height: heightOf(card) }} />
            )}
          </FigureShell.Provider>
          <Corner card={card} columns={props.columns} title={title} />
        </>
      )}
    </div>
  );
}

function CardBody(props: {
  card: ICard;
  visible: boolean;
}): JSX.Element | null {
  const { card, visible } = props;
  if (card.kind === 'section') {
    return null;
  }
  const One = BODIES[card.kind] as (props: ICardProps<ICard>) => JSX.Element;
  return <One card={card} visible={visible} height={heightOf(card)} />;
}

type Trans = ReturnType<typeof useStudio>['trans'];

/** What a card is called while its chart has not said so. */
export function nameOf(card: ICard, trans: Trans): string {
  return card.kind === 'curves' && card.metrics.length > 0
    ? card.metrics.slice(0, 3).join(', ')
    : kindName(card.kind, trans);
}

export function kindName(kind: CardKind, trans: Trans): string {
  const names: Record<CardKind, string> = {
    curves: trans.__('Curves'),
    scatter: trans.__('Scatter'),
    bar: trans.__('Bars'),
    box: trans.__('Boxes'),
    contour: trans.__('Contour'),
    parallel: trans.__('Parallel coordinates'),
    importance: trans.__('Parameter importance'),
    correlation: trans.__('Correlations'),
    artifact: trans.__('ROC, precision and recall, confusion'),
    section: trans.__('Section')
  };
  return names[kind];
}
