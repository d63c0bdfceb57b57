/**
 * What a board is: cards in an order, and the brushes that filter by them. Plain values, no React.
 *
 * A field that is null is chosen by the board from the columns that are there; so a board that
 * nobody changed follows its experiment.
 */
import type { BandKind, Interval, XKind } from '../../../../components/charts';

export type CardKind =
  | 'curves'
  | 'scatter'
  | 'bar'
  | 'box'
  | 'contour'
  | 'parallel'
  | 'importance'
  | 'correlation'
  | 'artifact'
  | 'section';

export const KINDS: readonly CardKind[] = [
  'curves',
  'scatter',
  'bar',
  'box',
  'contour',
  'parallel',
  'importance',
  'correlation',
  'artifact',
  'section'
];

interface ICardBase {
  readonly id: string;
  /** What the user calls it; empty is named by its content. */
  readonly title: string;
  /** Columns of the board that it takes, 1 to 3. */
  readonly span: number;
  /** Pixels of the chart; 0 is the kind's own. */
  readonly height: number;
  readonly collapsed: boolean;
}

export interface ICurvesCard extends ICardBase {
  readonly kind: 'curves';
  readonly metrics: readonly string[];
  readonly x: XKind;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smooth: number;
  /** Whether outliers are left outside. */
  readonly clip: boolean;
  /** The column whose values make groups; `''` none, `'table'` as the table is grouped. */
  readonly group: string;
  readonly band: BandKind;
}

export interface IScatterCard extends ICardBase {
  readonly kind: 'scatter';
  readonly x: string | null;
  readonly y: string | null;
  readonly color: string | null;
  readonly size: string | null;
  /** null: where the values span decades. */
  readonly logX: boolean | null;
  readonly logY: boolean | null;
  readonly trend: boolean;
}

export type ErrorKind = 'std' | 'range' | 'none';

export interface IBarCard extends ICardBase {
  readonly kind: 'bar';
  readonly y: string | null;
  /** The column whose values make the bars; null is a bar for each trial. */
  readonly by: string | null;
  readonly error: ErrorKind;
}

export interface IBoxCard extends ICardBase {
  readonly kind: 'box';
  readonly y: string | null;
  readonly by: string | null;
}

export interface IContourCard extends ICardBase {
  readonly kind: 'contour';
  readonly x: string | null;
  readonly y: string | null;
  readonly z: string | null;
}

export interface IParallelCard extends ICardBase {
  readonly kind: 'parallel';
  readonly axes: readonly string[] | null;
  readonly color: string | null;
}

export interface IImportanceCard extends ICardBase {
  readonly kind: 'importance';
  /** A metric column's key. */
  readonly metric: string | null;
}

export interface ICorrelationCard extends ICardBase {
  readonly kind: 'correlation';
  readonly columns: readonly string[] | null;
}

export type ArtifactPlot = 'roc' | 'pr' | 'confusion';

export interface IArtifactCard extends ICardBase {
  readonly kind: 'artifact';
  readonly what: ArtifactPlot;
  /** The artifact's name; null is the first of its kind in each run. */
  readonly name: string | null;
}

/** A title over the cards that follow; collapsed it hides them. */
export interface ISectionCard extends ICardBase {
  readonly kind: 'section';
}

export type ICard =
  | ICurvesCard
  | IScatterCard
  | IBarCard
  | IBoxCard
  | IContourCard
  | IParallelCard
  | IImportanceCard
  | ICorrelationCard
  | IArtifactCard
  | ISectionCard;

export type CardOf<K extends CardKind> = Extract<ICard, { kind: K }>;

export interface IBoardView {
  /** null: the board of an experiment that nobody arranged. */
  readonly cards: readonly ICard[] | null;
  /** Intervals of heights by column, shared by all parallel coordinates. */
  readonly brushes: Readonly<Record<string, readonly Interval[]>>;
}

export const DEFAULT_BOARD: IBoardView = { cards: null, brushes: {} };

/** A link holds 8 KB, and the table's state with it. */
export const MOST_CARDS = 24;

const BASE = { title: '', span: 1, height: 0, collapsed: false } as const;

/** A new card of a kind. */
export function newCard<K extends CardKind>(kind: K, id: string): CardOf<K> {
  const base = { ...BASE, id };
  const cards: { readonly [P in CardKind]: CardOf<P> } = {
    curves: {
      ...base,
      kind: 'curves',
      metrics: [],
      x: 'step',
      logX: false,
      logY: false,
      smooth: 0,
      clip: false,
      group: 'table',
      band: 'range'
    },
    scatter: {
      ...base,
      kind: 'scatter',
      x: null,
      y: null,
      color: null,
      size: null,
      logX: null,
      logY: null,
      trend: false
    },
    bar: { ...base, kind: 'bar', y: null, by: null, error: 'std' },
    box: { ...base, kind: 'box', y: null, by: null },
    contour: { ...base, kind: 'contour', x: null, y: null, z: null },
    parallel: { ...base, kind: 'parallel', axes: null, color: null, span: 3 },
    importance: { ...base, kind: 'importance', metric: null },
    correlation: { ...base, kind: 'correlation', columns: null },
    artifact: { ...base, kind: 'artifact', what: 'roc', name: null },
    section: { ...base, kind: 'section', span: 3 }
  };
  return cards[kind] as CardOf<K>;
}

/** Height of a kind's chart in pixels. */
export const HEIGHTS: Readonly<Record<CardKind, number>> = {
  curves: 220,
  scatter: 320,
  bar: 280,
  box: 280,
  contour: 320,
  parallel: 340,
  importance: 260,
  correlation: 340,
  artifact: 320,
  section: 0
};

export const heightOf = (card: ICard): number =>
  card.height === 0 ? HEIGHTS[card.kind] : card.height;
