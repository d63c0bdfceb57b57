/** What the cards of a board show: the columns that a card names, or that are chosen for it. */
import { metricOf, type IColumn } from '../../../../components/table';
import {
  chooseAxes,
  chooseColor,
  choosePair,
  metricNames,
  objectiveOf,
  plottable,
  shownMetrics
} from './chooseColumns';
import {
  newCard,
  type CardOf,
  type IBarCard,
  type IBoardView,
  type IBoxCard,
  type ICard,
  type IContourCard,
  type ICorrelationCard,
  type IImportanceCard,
  type IParallelCard,
  type IScatterCard
} from './model';

/** Groups of a box or bar chart before anybody chose: no more values than this. */
const FEW = 12;
const MOST_CORRELATED = 12;
/** Fewer finished components say nothing about importance. */
export const LEAST_FINISHED = 10;

/** The columns that can be drawn, in the order in which they are offered. */
export interface IChoices {
  readonly all: readonly IColumn[];
  readonly metrics: readonly string[];
}

export function choicesOf(columns: readonly IColumn[]): IChoices {
  return { all: plottable(columns), metrics: metricNames(columns) };
}

const known = (
  columns: readonly IColumn[],
  key: string | null
): string | null =>
  key !== null && columns.some(c => c.key === key) ? key : null;

const params = (columns: readonly IColumn[]): IColumn[] =>
  columns.filter(c => c.group === 'params' && c.distinct !== 1);

const floats = (columns: readonly IColumn[]): IColumn[] =>
  params(columns).filter(c => c.kind === 'float');

/** The parameter that splits rows into few groups. */
function splitter(columns: readonly IColumn[]): string | null {
  const all = params(columns);
  const few = all.find(c => c.distinct !== undefined && c.distinct <= FEW);
  const text = all.find(c => c.kind === 'category');
  return (few ?? text ?? all[0])?.key ?? null;
}

const firstMetric = (columns: readonly IColumn[]): string | null =>
  objectiveOf(columns)?.key ??
  columns.find(c => c.group === 'metrics')?.key ??
  null;

export function scatterKeys(
  card: IScatterCard,
  columns: readonly IColumn[]
): { x: string; y: string; color: string | null; size: string | null } | null {
  const pair = choosePair(columns, card.x, card.y);
  return pair === null
    ? null
    : {
        ...pair,
        color: known(columns, card.color),
        size: known(columns, card.size)
      };
}

export function barKeys(
  card: IBarCard,
  columns: readonly IColumn[]
): { y: string; by: string | null } | null {
  const y = known(columns, card.y) ?? firstMetric(columns);
  return y === null ? null : { y, by: known(columns, card.by) };
}

export function boxKeys(
  card: IBoxCard,
  columns: readonly IColumn[]
): { y: string; by: string } | null {
  const y = known(columns, card.y) ?? firstMetric(columns);
  const by = known(columns, card.by) ?? splitter(columns);
  return y === null || by === null ? null : { y, by };
}

export function contourKeys(
  card: IContourCard,
  columns: readonly IColumn[]
): { x: string; y: string; z: string } | null {
  const free = floats(columns).map(c => c.key);
  const x = known(columns, card.x) ?? free.find(key => key !== card.y);
  const y = known(columns, card.y) ?? free.find(key => key !== x);
  const z = known(columns, card.z) ?? firstMetric(columns);
  return x === undefined || y === undefined || z === null ? null : { x, y, z };
}

export function parallelKeys(
  card: IParallelCard,
  columns: readonly IColumn[]
): { axes: string[]; color: string | null } {
  const axes = chooseAxes(columns, card.axes);
  return { axes, color: chooseColor(columns, axes, card.color) };
}

export const importanceKey = (
  card: IImportanceCard,
  columns: readonly IColumn[]
): string | null => known(columns, card.metric) ?? firstMetric(columns);

export function correlationKeys(
  card: ICorrelationCard,
  columns: readonly IColumn[]
): string[] {
  if (card.columns !== null) {
    return card.columns.filter(key => known(columns, key) !== null);
  }
  const metrics = columns.filter(
    c =>
      c.group === 'metrics' &&
      metricOf(c.key)?.stat === 'last' &&
      !c.key.startsWith('metrics.system/')
  );
  return [
    ...floats(columns).slice(0, MOST_CORRELATED - 4),
    ...metrics.slice(0, 4)
  ].map(c => c.key);
}

/** Columns of rows that a card draws; curves read their own points. */
export function cardColumns(
  card: ICard,
  columns: readonly IColumn[],
  grouping: readonly string[]
): string[] {
  switch (card.kind) {
    case 'curves':
      return groupKeys(card, grouping);
    case 'scatter': {
      const keys = scatterKeys(card, columns);
      return keys === null ? [] : Object.values(keys).flatMap(k => k ?? []);
    }
    case 'bar':
      return valuesOf(barKeys(card, columns));
    case 'box':
      return valuesOf(boxKeys(card, columns));
    case 'contour':
      return valuesOf(contourKeys(card, columns));
    case 'parallel':
      return parallelKeys(card, columns).axes;
    case 'correlation':
      return correlationKeys(card, columns);
    default:
      return [];
  }
}

const valuesOf = (keys: Record<string, string | null> | null): string[] =>
  Object.values(keys ?? {}).flatMap(key => key ?? []);

/** Columns by which a card of curves is grouped. */
export function groupKeys(
  card: CardOf<'curves'>,
  grouping: readonly string[]
): string[] {
  return card.group === ''
    ? []
    : card.group === 'table'
      ? [...grouping]
      : [card.group];
}

/** Columns that a board names itself, which must be in the list even where it is cut. */
export function boardColumns(view: IBoardView): string[] {
  const keys = (view.cards ?? []).flatMap(card =>
    Object.entries(card).flatMap(([field, value]) =>
      !NAMING.has(field)
        ? []
        : Array.isArray(value)
          ? (value as string[])
          : typeof value === 'string' && value !== '' && value !== 'table'
            ? [value]
            : []
    )
  );
  const metrics = (view.cards ?? []).flatMap(card =>
    card.kind === 'curves' ? card.metrics.map(m => `metrics.${m}.last`) : []
  );
  return [...new Set([...keys, ...metrics, ...Object.keys(view.brushes)])]
    .filter(key => key.includes('.') || META.has(key))
    .slice(0, 200);
}

/** Fields of cards that hold keys of columns. */
const NAMING = new Set([
  'x',
  'y',
  'z',
  'color',
  'size',
  'by',
  'axes',
  'columns',
  'metric',
  'group'
]);
const META = new Set(['duration', 'status', 'user', 'host', 'kind']);

/** The board of an experiment that nobody arranged. */
export function defaultCards(
  columns: readonly IColumn[],
  finished: number
): ICard[] {
  const { all, metrics } = choicesOf(columns);
  const cards: ICard[] = shownMetrics(metrics, null).map(name => ({
    ...newCard('curves', `metric:${name}`),
    metrics: [name]
  }));
  const parallel = newCard('parallel', 'parallel');
  if (parallelKeys(parallel, all).axes.length >= 2) {
    cards.push(parallel);
  }
  if (finished >= LEAST_FINISHED && params(all).length > 0) {
    cards.push(newCard('importance', 'importance'));
    cards.push({ ...newCard('scatter', 'scatter'), span: 2 });
  }
  return cards;
}

/** The cards to show. */
export const cardsOf = (
  view: IBoardView,
  columns: readonly IColumn[],
  finished: number
): readonly ICard[] => view.cards ?? defaultCards(columns, finished);
