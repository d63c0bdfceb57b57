/** What the cards of a board share. */
import * as React from 'react';

import type { Brushes, Range, XKind } from '../../../../components/charts';
import type {
  IColumn,
  IRowSource,
  Selection
} from '../../../../components/table';
import type { RowsData } from '../rowsData';
import type { IBoardView, ICard } from './model';
import type { IChoices } from './resolve';
import type { IContexts } from './useContexts';

export interface IBoardProps {
  readonly experiment: string;
  /** The text query of the table, for importance and for code. */
  readonly where?: string;
  readonly data: RowsData;
  readonly rows: IRowSource;
  readonly columns: readonly IColumn[];
  /** Names whose curves are drawn. */
  readonly runs: readonly string[];
  readonly selection: Selection;
  /** Column keys of the table's row groups. */
  readonly grouping: readonly string[];
  readonly view: IBoardView;
  readonly visible: boolean;
  onView(change: (view: IBoardView) => IBoardView): void;
  onPick(name: string): void;
  onBrushed(names: ReadonlySet<string> | null): void;
}

export interface IBoardContext extends IBoardProps {
  readonly choices: IChoices;
  readonly brushes: Brushes;
  readonly contexts: IContexts;
  /** The zoom of each kind of x axis. */
  rangeOf(x: XKind): Range | null;
  setRange(x: XKind, range: Range | null): void;
  /** Charts of one x axis share their cursor. */
  syncKey(x: XKind): string;
  /** Change a card. */
  change(id: string, change: Partial<ICard>): void;
  setBrushes(brushes: Brushes): void;
}

export const BoardContext = React.createContext<IBoardContext | null>(null);

export function useBoard(): IBoardContext {
  const board = React.useContext(BoardContext);
  if (board === null) {
    throw new Error('useBoard is called outside a Board');
  }
  return board;
}

/** What the body of every card gets. */
export interface ICardProps<C extends ICard> {
  readonly card: C;
  /** Whether it is on the screen. */
  readonly visible: boolean;
  /** Pixels of the chart. */
  readonly height: number;
}
