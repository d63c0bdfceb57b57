/** The changes of a board: add, move, copy, remove and back, and the Python of a card. */
import * as React from 'react';

import { useStudio } from '../../../../components/common';
import {
  added,
  changed,
  dropPlace,
  duplicated,
  moved,
  removed,
  restored
} from './arrange';
import type { IBoardProps } from './boardContext';
import type { ICardActions } from './cardHead';
import { fits } from './json';
import {
  MOST_CARDS,
  type CardKind,
  type IBoardView,
  type ICard
} from './model';
import { openAsNotebook } from './notebook';
import type { IContexts } from './useContexts';

const DRAG_TYPE = 'application/x-mlstudio-card';
/** How long a removed card may come back by one click. */
const UNDO_MS = 10_000;

export interface IArrange {
  readonly actions: ICardActions;
  /** The card that was removed last, while it may come back. */
  readonly gone: { readonly title: string } | null;
  /** Said to those who do not see it. */
  readonly said: string;
  readonly full: boolean;
  markOf(id: string): 'before' | 'behind' | null;
  add(kind: CardKind, change?: Partial<ICard>): void;
  undo(): void;
  reset(): void;
  setAll(change: (card: ICard) => ICard): void;
}

interface IGone {
  readonly card: ICard;
  readonly at: number;
  readonly title: string;
}

export function useArrange(
  props: IBoardProps,
  cards: readonly ICard[],
  contexts: IContexts
): IArrange {
  const { trans, commands } = useStudio();
  const { onView } = props;
  const [gone, setGone] = React.useState<IGone | null>(null);
  const [said, setSaid] = React.useState('');
  const [over, setOver] = React.useState<{
    id: string;
    behind: boolean;
  } | null>(null);
  const dragged = React.useRef<string | null>(null);
  React.useEffect(() => {
    const timer = setTimeout(() => setGone(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [gone]);
  const edit = (change: (old: readonly ICard[]) => readonly ICard[]): void =>
    onView(v => {
      const next = { ...v, cards: change(v.cards ?? cards) };
      return sound(next, v) ? next : v;
    });
  const tell = (title: string, place: number): void =>
    setSaid(
      trans.__(
        '%1 is at place %2 of %3',
        title.slice(0, 80),
        place + 1,
        cards.length
      )
    );
  const moveTo = (id: string, to: number, title: string): void => {
    edit(old => moved(old, id, to));
    tell(title, Math.max(0, Math.min(cards.length - 1, to)));
  };
  const actions: ICardActions = {
    onChange: (id, change) => edit(old => changed(old, id, change)),
    onDuplicate: id => edit(old => duplicated(old, id)),
    onRemove: (id, title) => {
      const at = cards.findIndex(card => card.id === id);
      setGone({ card: cards[at], at, title });
      edit(old => removed(old, id));
    },
    onNotebook: (card, title) =>
      void openAsNotebook(commands, props, contexts, card, title, trans),
    onLink: () => void commands.execute('mlstudio:copy-link'),
    onMoveBy: (id, by, title) =>
      moveTo(id, cards.findIndex(card => card.id === id) + by, title),
    onDragStart: (id, event) => {
      dragged.current = id;
      event.dataTransfer.setData(DRAG_TYPE, id);
      event.dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (id, event) => {
      if (dragged.current !== null && dragged.current !== id) {
        event.preventDefault();
        const behind = isBehind(event);
        if (over?.id !== id || over.behind !== behind) {
          setOver({ id, behind });
        }
      }
    },
    onDrop: (id, event) => {
      const from = dragged.current;
      if (from !== null && from !== id) {
        event.preventDefault();
        const to = dropPlace(cards, from, id, isBehind(event));
        moveTo(from, to, '');
      }
      dragged.current = null;
      setOver(null);
    },
    onDragEnd: () => {
      dragged.current = null;
      setOver(null);
    }
  };
  return {
    actions,
    gone,
    said,
    full: cards.length >= MOST_CARDS,
    markOf: id =>
      over === null || over.id !== id
        ? null
        : over.behind
          ? 'behind'
          : 'before',
    add: (kind, change) => edit(old => added(old, kind, change)),
    undo: () => {
      if (gone !== null) {
        edit(old => restored(old, gone.card, gone.at));
        setGone(null);
      }
    },
    reset: () => onView(() => ({ cards: null, brushes: {} })),
    setAll: change => edit(old => old.map(change))
  };
}

/** Whether a board may become this: it must be kept in full, or be less than it was. */
function sound(next: IBoardView, before: IBoardView): boolean {
  const [now, then] = [next.cards ?? [], before.cards ?? []];
  return (
    (now.length <= MOST_CARDS && fits(next)) ||
    (before.cards !== null && now.length < then.length)
  );
}

/** Whether the pointer is in the second half of a card. */
function isBehind(event: React.DragEvent): boolean {
  const box = event.currentTarget.getBoundingClientRect();
  return event.clientX > box.left + box.width / 2;
}
