/**
 * What of an experiment document is worth keeping over a reload, and how it is read back.
 *
 * A saved state may be of another version, cut, or written by hand: every field is checked alone
 * and a broken one becomes its default. At most 8 KB are written; what is long and dear to nobody
 * (widths, order, then the selection) goes first.
 */
import type { JSONObject, JSONValue } from '@lumino/coreutils';

import {
  DEFAULT_LAYOUT,
  CLOSED,
  formatSort,
  MOST_LEVELS,
  parseSort,
  type IOpenGroups,
  type ISortKey,
  type ITableLayout
} from '../../../components/table';
import { formatBoard, parseBoard } from './board/json';
import { DEFAULT_BOARD, type IBoardView } from './board/model';
import type { RowState } from './rowsReader';

export interface IGroupView {
  /** Column keys, the outermost first. */
  readonly by: readonly string[];
  readonly open: IOpenGroups;
}

export interface IDocumentView {
  readonly layout: ITableLayout;
  readonly sort: readonly ISortKey[];
  /** The text query. */
  readonly where: string;
  /** The quick filter by name. */
  readonly quick: string;
  readonly selected: readonly string[];
  readonly group: IGroupView;
  /** Which rows are looked at. */
  readonly state: RowState;
  /** The saved view that this one came from. */
  readonly saved: string | null;
  /** Which version of it: what somebody else saved since is not written over unasked. */
  readonly savedVersion: number | null;
  readonly board: IBoardView;
  readonly chartsOpen: boolean;
  /** Share of the table, 0.15 to 0.85. */
  readonly split: number;
}

export const DEFAULT_VIEW: IDocumentView = {
  layout: DEFAULT_LAYOUT,
  sort: [{ key: 'created', desc: true }],
  where: '',
  quick: '',
  selected: [],
  group: { by: [], open: CLOSED },
  state: 'active',
  saved: null,
  savedVersion: null,
  board: DEFAULT_BOARD,
  chartsOpen: true,
  split: 0.55
};

const MAX_BYTES = 8000;
/** What a query may hold, in the box and on the server. */
const MAX_TEXT = 8000;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const asText = (value: unknown, fallback: string, max = MAX_TEXT): string =>
  typeof value === 'string' && value.length <= max ? value : fallback;

const asKey = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 600
    ? value
    : null;

function asKeys<T>(value: unknown, fallback: T): readonly string[] | T {
  return Array.isArray(value)
    ? [...new Set(value.flatMap(v => asKey(v) ?? []))].slice(0, 2000)
    : fallback;
}

const asNumber = (
  value: unknown,
  low: number,
  high: number,
  fallback: number
): number =>
  typeof value === 'number' && value >= low && value <= high ? value : fallback;

const asVersion = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? value
    : null;

function asChoice<T extends string>(
  value: unknown,
  all: readonly T[],
  fallback: T
): T {
  return all.find(one => one === value) ?? fallback;
}

function asWidths(value: unknown): Record<string, number> {
  const widths: Record<string, number> = {};
  for (const [key, width] of Object.entries(isObject(value) ? value : {})) {
    const checked = asNumber(width, 20, 2000, 0);
    if (checked > 0 && asKey(key) !== null) {
      widths[key] = checked;
    }
  }
  return widths;
}

/** Open groups that are worth keeping. */
const MOST_OPEN = 100;

function asGroup(value: unknown): IGroupView {
  const group = isObject(value) ? value : {};
  return {
    by: asKeys(group.by, []).slice(0, MOST_LEVELS),
    open: {
      all: group.all === true,
      except: asKeys(group.except, []).slice(0, MOST_OPEN)
    }
  };
}

/** Read a saved state; never throws. */
export function parseView(json: unknown): IDocumentView {
  if (!isObject(json) || json.v !== 1) {
    return DEFAULT_VIEW;
  }
  const d = DEFAULT_VIEW;
  return {
    layout: {
      hidden: asKeys(json.hidden, d.layout.hidden),
      shown: asKeys(json.shown, d.layout.shown),
      order: asKeys(json.order, d.layout.order),
      widths: asWidths(json.widths),
      pinned: asKeys(json.pinned, d.layout.pinned)
    },
    sort: Array.isArray(json.sort)
      ? parseSort(asKeys(json.sort, [])).slice(0, 8)
      : d.sort,
    where: asText(json.where, ''),
    quick: asText(json.quick, '', 500),
    selected: asKeys(json.selected, []),
    group: asGroup(json.group),
    state: asChoice(json.state, ['active', 'archived', 'deleted'], d.state),
    saved: asKey(json.saved),
    savedVersion: asVersion(json.savedVersion),
    board: parseBoard(json.board),
    chartsOpen: json.chartsOpen !== false,
    split: asNumber(json.split, 0.15, 0.85, d.split)
  };
}

/** Write a state, at most 8 KB of it unless there is more room. */
export function formatView(view: IDocumentView, room = MAX_BYTES): JSONObject {
  const json: JSONObject = {
    v: 1,
    hidden: [...view.layout.hidden],
    shown: [...view.layout.shown],
    order: [...view.layout.order],
    widths: { ...view.layout.widths },
    pinned: [...view.layout.pinned],
    sort: formatSort(view.sort),
    where: view.where,
    quick: view.quick,
    selected: [...view.selected],
    group: {
      by: [...view.group.by],
      all: view.group.open.all,
      except: view.group.open.except.slice(0, MOST_OPEN)
    },
    state: view.state,
    saved: view.saved,
    savedVersion: view.savedVersion,
    board: formatBoard(view.board),
    chartsOpen: view.chartsOpen,
    split: round(view.split)
  };
  return shrink(json, room);
}

const round = (value: number): number => Number(value.toFixed(4));
const sizeOf = (json: JSONValue): number =>
  new TextEncoder().encode(JSON.stringify(json)).length;

function shrink(json: JSONObject, room: number): JSONObject {
  const cuts: ((j: JSONObject) => JSONObject)[] = [
    j => ({ ...j, group: { ...(j.group as JSONObject), except: [] } }),
    j => ({ ...j, widths: {} }),
    j => ({ ...j, order: [] }),
    j => ({ ...j, selected: firstOf(j.selected, 50) }),
    j => ({ ...j, selected: [] }),
    j => ({ ...j, hidden: [], shown: [] }),
    j => ({ ...j, board: {} }),
    j => ({ ...j, where: '', quick: '' })
  ];
  let now = json;
  for (const cut of cuts) {
    if (sizeOf(now) <= room) {
      return now;
    }
    now = cut(now);
  }
  return sizeOf(now) <= room ? now : { v: 1 };
}

function firstOf(value: JSONValue | undefined, n: number): JSONValue {
  return Array.isArray(value) ? value.slice(0, n) : [];
}
