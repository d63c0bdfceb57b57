/** The bar over the cards: add a chart, settings of all curves, brushes, and the way back. */
import { addIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { XKind } from '../../../../components/charts';
import {
  formatNumber,
  useStudio,
  UserText
} from '../../../../components/common';
import { Popover } from '../../../../components/table';
import { useBoard } from './boardContext';
import { kindName } from './card';
import { Smoothing } from './fields';
import { KINDS, type CardOf, type ICard } from './model';
import type { IArrange } from './useArrange';
import { XChoice } from './xChoice';

interface IBoardBarProps {
  readonly cards: readonly ICard[];
  readonly arrange: IArrange;
  /** Names that pass the brushes. */
  readonly names: ReadonlySet<string> | null;
}

export function BoardBar(props: IBoardBarProps): JSX.Element {
  const { cards, arrange, names } = props;
  const { trans } = useStudio();
  const { view, rows, setBrushes } = useBoard();
  const [confirm, setConfirm] = React.useState(false);
  return (
    <div className="jp-Mlstudio-boardBar">
      <AddButton arrange={arrange} />
      <AllCurves cards={cards} arrange={arrange} />
      {names !== null && (
        <span className="jp-Mlstudio-brushNote">
          {trans.__(
            '%1 of %2 rows pass the brushes',
            formatNumber(names.size),
            formatNumber(rows.total)
          )}
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() => setBrushes(new Map())}
          >
            {trans.__('Clear')}
          </button>
        </span>
      )}
      {view.cards !== null && (
        <button
          type="button"
          className="jp-Mlstudio-tool jp-Mlstudio-boardReset"
          onBlur={() => setConfirm(false)}
          onClick={() => {
            if (confirm) {
              arrange.reset();
            }
            setConfirm(!confirm);
          }}
        >
          {confirm
            ? trans.__('Really? All cards are replaced')
            : trans.__('Default board')}
        </button>
      )}
      <div className="jp-Mlstudio-boardSaid" role="status">
        {arrange.gone !== null ? (
          <span className="jp-Mlstudio-undo">
            <span>{trans.__('Removed:')}</span>{' '}
            <UserText text={arrange.gone.title} max={60} />
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={arrange.undo}
            >
              {trans.__('Undo')}
            </button>
          </span>
        ) : (
          <span className="jp-Mlstudio-hidden">{arrange.said}</span>
        )}
      </div>
    </div>
  );
}

function AddButton(props: { arrange: IArrange }): JSX.Element {
  const { arrange } = props;
  const { trans } = useStudio();
  const { choices } = useBoard();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-addCard"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        disabled={arrange.full}
        title={arrange.full ? trans.__('The board is full.') : undefined}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        <addIcon.react tag="span" width="14px" height="14px" />
        {trans.__('Add chart')}
      </button>
      {anchor !== null && (
        <Popover
          anchor={anchor}
          role="menu"
          label={trans.__('Add chart')}
          onClose={close}
        >
          {KINDS.map(kind => (
            <button
              key={kind}
              type="button"
              role="menuitem"
              className="jp-Mlstudio-menuItem"
              onClick={() => {
                close();
                arrange.add(
                  kind,
                  kind === 'curves'
                    ? { metrics: choices.metrics.slice(0, 1) }
                    : {}
                );
              }}
            >
              {kindName(kind, trans)}
            </button>
          ))}
        </Popover>
      )}
    </>
  );
}

type Curves = CardOf<'curves'>;

/** x and smoothing of all cards of curves at once. */
function AllCurves(props: {
  cards: readonly ICard[];
  arrange: IArrange;
}): JSX.Element | null {
  const { choices } = useBoard();
  const { arrange } = props;
  const curves = props.cards.filter(
    (card): card is Curves => card.kind === 'curves'
  );
  if (curves.length === 0) {
    return null;
  }
  const set = (change: Partial<Curves>): void =>
    arrange.setAll(card =>
      card.kind === 'curves' ? { ...card, ...change } : card
    );
  const [first] = curves;
  const x: XKind | null = curves.every(c => c.x === first.x) ? first.x : null;
  return (
    <>
      <XChoice
        value={x}
        metrics={choices.metrics}
        onValue={next => set({ x: next })}
      />
      <Smoothing value={first.smooth} onValue={smooth => set({ smooth })} />
    </>
  );
}
