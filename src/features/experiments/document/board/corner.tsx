/** The corner of a card: drag it, or use the arrow keys on it, to change height and width. */
import * as React from 'react';

import { useStudio } from '../../../../components/common';
import { clampHeight, SPAN } from './arrange';
import { useBoard } from './boardContext';
import { heightOf, type ICard } from './model';

const STEP = 20;

export function Corner(props: {
  card: ICard;
  columns: number;
  title: string;
}): JSX.Element {
  const { card, columns } = props;
  const { trans } = useStudio();
  const { change } = useBoard();
  const drag = React.useRef<{
    x: number;
    y: number;
    height: number;
    span: number;
    unit: number;
  } | null>(null);
  const set = (height: number, span: number): void => {
    const next = {
      height: clampHeight(height),
      span: Math.max(1, Math.min(SPAN, span))
    };
    if (next.height !== heightOf(card) || next.span !== card.span) {
      change(card.id, next);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const height = heightOf(card);
    const moves: Record<string, () => void> = {
      ArrowUp: () => set(height - STEP, card.span),
      ArrowDown: () => set(height + STEP, card.span),
      ArrowLeft: () => set(height, card.span - 1),
      ArrowRight: () => set(height, card.span + 1)
    };
    if (moves[event.key] !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      moves[event.key]();
    }
  };
  return (
    <button
      type="button"
      className="jp-Mlstudio-corner"
      aria-label={trans.__(
        'Size of %1: %2 of %3 columns, %4 pixels high. Arrow keys change it.',
        props.title.slice(0, 80),
        Math.min(card.span, columns),
        columns,
        heightOf(card)
      )}
      onKeyDown={onKeyDown}
      onPointerDown={event => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect();
        const shown = Math.min(card.span, columns);
        drag.current = {
          x: event.clientX,
          y: event.clientY,
          height: heightOf(card),
          span: shown,
          unit: (box?.width ?? 300) / shown
        };
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={event => {
        const from = drag.current;
        if (from !== null) {
          const wider = Math.round((event.clientX - from.x) / from.unit);
          const span = wider === 0 ? card.span : from.span + wider;
          set(from.height + event.clientY - from.y, span);
        }
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    />
  );
}
