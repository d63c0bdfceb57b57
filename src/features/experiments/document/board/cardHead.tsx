/** The head of a card: grip, title, what its chart adds, settings and menu. */
import {
  caretDownIcon,
  caretRightIcon,
  ellipsesIcon,
  settingsIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IFigureTool } from '../../../../components/charts';
import { useStudio, UserText } from '../../../../components/common';
import { CardMenu } from './cardMenu';
import type { ICard } from './model';
import { CardSettings } from './settings';

/** What a card asks of its board. */
export interface ICardActions {
  onChange(id: string, change: Partial<ICard>): void;
  onDuplicate(id: string): void;
  onRemove(id: string, title: string): void;
  onNotebook(card: ICard, title: string): void;
  onLink(): void;
  /** By so many places. */
  onMoveBy(id: string, by: number, title: string): void;
  onDragStart(id: string, event: React.DragEvent): void;
  onDragOver(id: string, event: React.DragEvent): void;
  onDrop(id: string, event: React.DragEvent): void;
  onDragEnd(): void;
}

interface ICardHeadProps {
  readonly card: ICard;
  readonly title: string;
  readonly tools: readonly IFigureTool[];
  /** Takes the place for the chart's own controls. */
  readonly slot: (node: HTMLElement | null) => void;
  readonly actions: ICardActions;
}

const FAR = 1000;
const REFOCUS_MS = 1000;
const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: -FAR,
  End: FAR
};

export function CardHead(props: ICardHeadProps): JSX.Element {
  const { card, title, actions } = props;
  const { trans } = useStudio();
  const [editing, setEditing] = React.useState(false);
  const [open, setOpen] = React.useState<'settings' | 'menu' | null>(null);
  const gear = React.useRef<HTMLButtonElement>(null);
  const dots = React.useRef<HTMLButtonElement>(null);
  const close = React.useCallback(() => setOpen(null), []);
  const name = title.slice(0, 80);
  const grip = React.useRef<HTMLButtonElement>(null);
  const moved = React.useRef(-Infinity);
  React.useLayoutEffect(() => {
    // A node that is moved in the page loses the focus.
    const lost = document.activeElement === document.body;
    if (lost && performance.now() - moved.current < REFOCUS_MS) {
      grip.current?.focus();
    }
  });
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const by = MOVES[event.key];
    if (by !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      moved.current = performance.now();
      actions.onMoveBy(card.id, by, title);
    }
  };
  const settings = card.kind !== 'section' && !card.collapsed;
  return (
    <div
      className="jp-Mlstudio-cardHead"
      draggable={!editing}
      onDragStart={event => actions.onDragStart(card.id, event)}
      onDragEnd={actions.onDragEnd}
    >
      <button
        type="button"
        ref={grip}
        className="jp-Mlstudio-grip"
        aria-label={trans.__('Move %1 with the arrow keys', name)}
        title={trans.__('Drag the head, or use the arrow keys here')}
        onKeyDown={onKeyDown}
      />
      {(card.collapsed || card.kind === 'section') && (
        <Fold card={card} name={name} actions={actions} />
      )}
      <Title
        title={title}
        editing={editing}
        onEdit={setEditing}
        onTitle={text => actions.onChange(card.id, { title: text })}
      />
      <span ref={props.slot} className="jp-Mlstudio-cardSlot" />
      <span className="jp-Mlstudio-cardTools">
        {settings && (
          <button
            ref={gear}
            type="button"
            className="jp-Mlstudio-icon-button"
            aria-haspopup="dialog"
            aria-expanded={open === 'settings'}
            aria-label={trans.__('Settings of %1', name)}
            title={trans.__('Settings')}
            onClick={() => setOpen(open === 'settings' ? null : 'settings')}
          >
            <settingsIcon.react tag="span" width="14px" height="14px" />
          </button>
        )}
        <button
          ref={dots}
          type="button"
          className="jp-Mlstudio-icon-button"
          aria-haspopup="menu"
          aria-expanded={open === 'menu'}
          aria-label={trans.__('Menu of %1', name)}
          title={trans.__('More')}
          onClick={() => setOpen(open === 'menu' ? null : 'menu')}
        >
          <ellipsesIcon.react tag="span" width="16px" height="16px" />
        </button>
      </span>
      {open === 'settings' && gear.current !== null && (
        <CardSettings
          card={card}
          title={title}
          anchor={gear.current}
          onClose={close}
        />
      )}
      {open === 'menu' && dots.current !== null && (
        <CardMenu
          card={card}
          title={title}
          tools={props.tools}
          anchor={dots.current}
          actions={actions}
          onRename={() => setEditing(true)}
          onClose={close}
        />
      )}
    </div>
  );
}

function Fold(props: {
  card: ICard;
  name: string;
  actions: ICardActions;
}): JSX.Element {
  const { card, name, actions } = props;
  const { trans } = useStudio();
  const Icon = card.collapsed ? caretRightIcon : caretDownIcon;
  return (
    <button
      type="button"
      className="jp-Mlstudio-icon-button"
      aria-expanded={!card.collapsed}
      aria-label={trans.__('Show %1', name)}
      onClick={() => actions.onChange(card.id, { collapsed: !card.collapsed })}
    >
      <Icon.react tag="span" width="14px" height="14px" />
    </button>
  );
}

/** A title that becomes a field on a double click or by the menu. */
function Title(props: {
  title: string;
  editing: boolean;
  onEdit(editing: boolean): void;
  onTitle(title: string): void;
}): JSX.Element {
  const { title, onEdit } = props;
  const { trans } = useStudio();
  if (!props.editing) {
    return (
      <span
        className="jp-Mlstudio-figureTitle"
        title={title.slice(0, 500)}
        onDoubleClick={() => onEdit(true)}
      >
        <UserText text={title} max={80} />
      </span>
    );
  }
  const done = (text: string): void => {
    onEdit(false);
    if (text !== title) {
      props.onTitle(text.trim().slice(0, 200));
    }
  };
  return (
    <input
      className="jp-Mlstudio-input jp-Mlstudio-titleInput"
      defaultValue={title}
      maxLength={200}
      aria-label={trans.__('Title; empty restores the automatic one')}
      autoFocus
      onFocus={event => event.currentTarget.select()}
      onBlur={event => done(event.currentTarget.value)}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Enter') {
          event.currentTarget.blur();
        } else if (event.key === 'Escape') {
          onEdit(false);
        }
      }}
    />
  );
}
