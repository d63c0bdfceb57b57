/** Changes of a board, as functions of its cards. Nothing here is drawn. */
import { newCard, type CardKind, type ICard } from './model';

export const SPAN = 3;
export const LOWEST = 120;
export const HIGHEST = 1200;

/** An id that no card has. */
export function freshId(cards: readonly ICard[]): string {
  const used = new Set(cards.map(card => card.id));
  let n = cards.length;
  while (used.has(`c${n}`)) {
    n += 1;
  }
  return `c${n}`;
}

export function added(
  cards: readonly ICard[],
  kind: CardKind,
  change: Partial<ICard> = {}
): ICard[] {
  const card = newCard(kind, freshId(cards));
  return [...cards, { ...card, ...change } as ICard];
}

export function changed(
  cards: readonly ICard[],
  id: string,
  change: Partial<ICard>
): ICard[] {
  return cards.map(card =>
    card.id === id ? ({ ...card, ...change } as ICard) : card
  );
}

/** The copy stands behind its original. */
export function duplicated(cards: readonly ICard[], id: string): ICard[] {
  return cards.flatMap(card =>
    card.id === id ? [card, { ...card, id: freshId(cards) }] : [card]
  );
}

export function removed(cards: readonly ICard[], id: string): ICard[] {
  return cards.filter(card => card.id !== id);
}

/** Put a card back where it was, or at the end. */
export function restored(
  cards: readonly ICard[],
  card: ICard,
  at: number
): ICard[] {
  const again = cards.some(one => one.id === card.id)
    ? { ...card, id: freshId(cards) }
    : card;
  return [...cards.slice(0, at), again, ...cards.slice(at)];
}

/** Move a card to a place, 0 being the first. */
export function moved(
  cards: readonly ICard[],
  id: string,
  to: number
): readonly ICard[] {
  const from = cards.findIndex(card => card.id === id);
  const at = Math.max(0, Math.min(cards.length - 1, to));
  if (from < 0 || from === at) {
    return cards;
  }
  const rest = removed(cards, id);
  return [...rest.slice(0, at), cards[from], ...rest.slice(at)];
}

/** Where a card lands that is dropped before or behind another one. */
export function dropPlace(
  cards: readonly ICard[],
  id: string,
  over: string,
  behind: boolean
): number {
  const from = cards.findIndex(card => card.id === id);
  const at = cards.findIndex(card => card.id === over) + (behind ? 1 : 0);
  return from < at ? at - 1 : at;
}

/** Cards to draw: those of a collapsed section are not. */
export function shownCards(cards: readonly ICard[]): readonly ICard[] {
  let open = true;
  return cards.filter(card => {
    if (card.kind === 'section') {
      open = !card.collapsed;
      return true;
    }
    return open;
  });
}

/** How many columns a board of this width has. */
export const columnsFor = (width: number): number =>
  Math.max(1, Math.min(SPAN, Math.floor((width + 16) / 300)));

export const clampHeight = (height: number): number =>
  Math.max(LOWEST, Math.min(HIGHEST, Math.round(height / 10) * 10));
