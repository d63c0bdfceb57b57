/**
 * Boards as JSON: for the workspace, saved views and links.
 *
 * What is read may be of another version, cut, or written by hand: each field is checked alone and
 * a broken one becomes its default; nothing throws. What is written leaves defaults out.
 */
import type { JSONObject, JSONValue } from '@lumino/coreutils';

import type { Interval, XKind } from '../../../../components/charts';
import {
  DEFAULT_BOARD,
  KINDS,
  MOST_CARDS,
  newCard,
  type CardKind,
  type IBoardView,
  type ICard
} from './model';

/** Bytes of a whole board; what follows beyond is not written. */
export const MOST_BYTES = 5000;
const MOST_KEYS = 40;
const MOST_BRUSHES = 40;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isKey = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 600;

const inside = (value: unknown, low: number, high: number): boolean =>
  typeof value === 'number' && value >= low && value <= high;

const keyOrNull = (value: unknown): boolean => value === null || isKey(value);
const flag = (value: unknown): boolean => typeof value === 'boolean';
const flagOrNull = (value: unknown): boolean => value === null || flag(value);
const oneOf =
  (...all: readonly string[]) =>
  (value: unknown): boolean =>
    all.includes(value as string);
const keys = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MOST_KEYS && value.every(isKey);
const keysOrNull = (value: unknown): boolean => value === null || keys(value);

const isX = (value: unknown): value is XKind =>
  value === 'step' ||
  value === 'time' ||
  value === 'relative' ||
  (isKey(value) && value.startsWith('metric:') && value.length > 7);

type Checks = Readonly<Record<string, (value: unknown) => boolean>>;

const COMMON: Checks = {
  title: value => typeof value === 'string' && value.length <= 200,
  span: value => inside(value, 1, 3) && Number.isInteger(value),
  height: value => value === 0 || inside(value, 120, 1200),
  collapsed: flag
};

const OWN: Readonly<Record<CardKind, Checks>> = {
  curves: {
    metrics: keys,
    x: isX,
    logX: flag,
    logY: flag,
    smooth: value => inside(value, 0, 0.999),
    clip: flag,
    group: value => value === '' || isKey(value),
    band: oneOf('range', 'std')
  },
  scatter: {
    x: keyOrNull,
    y: keyOrNull,
    color: keyOrNull,
    size: keyOrNull,
    logX: flagOrNull,
    logY: flagOrNull,
    trend: flag
  },
  bar: { y: keyOrNull, by: keyOrNull, error: oneOf('std', 'range', 'none') },
  box: { y: keyOrNull, by: keyOrNull },
  contour: { x: keyOrNull, y: keyOrNull, z: keyOrNull },
  parallel: { axes: keysOrNull, color: keyOrNull },
  importance: { metric: keyOrNull },
  correlation: { columns: keysOrNull },
  artifact: { what: oneOf('roc', 'pr', 'confusion'), name: keyOrNull },
  section: {}
};

/** A card from JSON, or null for one of no kind that we know. */
function parseCard(json: unknown, id: string): ICard | null {
  if (!isObject(json) || !KINDS.includes(json.kind as CardKind)) {
    return null;
  }
  const kind = json.kind as CardKind;
  const card: Record<string, unknown> = { ...newCard(kind, id) };
  const checks = { ...COMMON, ...OWN[kind] };
  for (const [field, good] of Object.entries(checks)) {
    const value = json[field];
    if (value !== undefined && good(value)) {
      card[field] = Array.isArray(value) ? [...new Set(value)] : value;
    }
  }
  return card as unknown as ICard;
}

function parseBrushes(json: unknown): IBoardView['brushes'] {
  const brushes: Record<string, readonly Interval[]> = {};
  const all = Object.entries(isObject(json) ? json : {});
  for (const [key, intervals] of all.slice(0, MOST_BRUSHES)) {
    const good = (
      Array.isArray(intervals) ? intervals.slice(0, 20) : []
    ).flatMap((pair): Interval[] => {
      const [low, high] = Array.isArray(pair) ? (pair as unknown[]) : [];
      return inside(low, -1, 1) && inside(high, low as number, 1)
        ? [[low as number, high as number]]
        : [];
    });
    if (good.length > 0 && isKey(key) && key !== '__proto__') {
      brushes[key] = good;
    }
  }
  return brushes;
}

/** Read a board; never throws. */
export function parseBoard(json: unknown): IBoardView {
  if (!isObject(json)) {
    return DEFAULT_BOARD;
  }
  const cards = Array.isArray(json.cards)
    ? json.cards
        .slice(0, MOST_CARDS)
        .flatMap((one: unknown, i) => parseCard(one, `c${i}`) ?? [])
    : null;
  return { cards, brushes: parseBrushes(json.brushes) };
}

/** What a card says beyond its kind's defaults. */
function formatCard(card: ICard): JSONObject {
  const defaults = newCard(card.kind, card.id) as unknown as Fields;
  const json: JSONObject = { kind: card.kind };
  for (const [field, value] of Object.entries(card)) {
    const said = JSON.stringify(value) !== JSON.stringify(defaults[field]);
    if (field !== 'id' && said) {
      json[field] = value as JSONValue;
    }
  }
  return json;
}

const round = (value: number): number => Number(value.toFixed(4));

const sizeOf = (json: JSONValue): number =>
  new TextEncoder().encode(JSON.stringify(json)).length;

/** Write a board, at most 5 KB of it: cards that are too much are not written. */
export function formatBoard(view: IBoardView): JSONObject {
  const json: JSONObject = {};
  const brushes = Object.entries(view.brushes).map(
    ([key, all]): [string, JSONValue] => [
      key,
      all.map(([low, high]) => [round(low), round(high)])
    ]
  );
  if (brushes.length > 0) {
    const all = Object.fromEntries(brushes);
    json.brushes = sizeOf(all) <= MOST_BYTES / 4 ? all : {};
  }
  if (view.cards !== null) {
    const cards: JSONObject[] = [];
    let room = MOST_BYTES - sizeOf(json) - 20;
    for (const card of view.cards.slice(0, MOST_CARDS)) {
      const one = formatCard(card);
      room -= sizeOf(one) + 1;
      if (room < 0) {
        break;
      }
      cards.push(one);
    }
    json.cards = cards;
  }
  return json;
}

/** Whether a board is written in full. */
export function fits(view: IBoardView): boolean {
  const cards = formatBoard(view).cards;
  return (
    view.cards === null ||
    (Array.isArray(cards) && cards.length === view.cards.length)
  );
}
