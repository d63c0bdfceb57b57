/** What the preview inside a media row says: base64 of a text, a table's head or a histogram. Pure. */
import { decodeBytes } from '../../api/decode';
import type { Schemas } from '../../api/types';

export type MediaItem = Schemas['MediaItem'];
export type MediaSeries = Schemas['MediaSeries'];

/** A histogram: `edges` has one more than `counts`. */
export interface IHistogram {
  readonly counts: readonly number[];
  readonly edges: readonly number[];
}

/** The first rows of a table, as texts. */
export interface ITableHead {
  readonly columns: readonly string[];
  /** Types of the columns, where they are known. */
  readonly types: readonly string[] | null;
  readonly rows: readonly (readonly string[])[];
  readonly total: number | null;
}

const MAX_BINS = 512;
const MAX_CELLS = 40;

/** The preview as text, or null. */
export function textOf(item: Pick<MediaItem, 'preview'>): string | null {
  try {
    return item.preview === null
      ? null
      : new TextDecoder().decode(decodeBytes(item.preview));
  } catch {
    return null;
  }
}

function jsonOf(item: Pick<MediaItem, 'preview'>): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(textOf(item) ?? 'null');
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

const numbers = (value: unknown): number[] =>
  Array.isArray(value) ? value.map(Number) : [];

/** The histogram of a preview; null when it holds none that adds up. */
export function histogramOf(
  item: Pick<MediaItem, 'preview'>
): IHistogram | null {
  const json = jsonOf(item);
  const counts = numbers(json.counts);
  const edges = numbers(json.edges ?? json.bins);
  const whole = [...counts, ...edges].every(Number.isFinite);
  return counts.length > 0 &&
    counts.length <= MAX_BINS &&
    edges.length === counts.length + 1 &&
    whole &&
    counts.every(count => count >= 0)
    ? { counts, edges }
    : null;
}

const cellText = (value: unknown): string =>
  value === null || value === undefined
    ? '–'
    : typeof value === 'string'
      ? value
      : (JSON.stringify(value) ?? '');

/** The head of a table in a preview; null when it holds none. */
export function tableOf(item: Pick<MediaItem, 'preview'>): ITableHead | null {
  const json = jsonOf(item);
  const { columns } = json;
  const rows = json.rows ?? json.data;
  if (!Array.isArray(columns) || !Array.isArray(rows)) {
    return null;
  }
  const { total_rows: total } = json;
  const heads = columns.slice(0, MAX_CELLS).map((column: unknown) => {
    const named = column as { name?: unknown; type?: unknown } | null;
    return typeof named?.name === 'string'
      ? { name: named.name, type: cellText(named.type ?? '') }
      : { name: cellText(column), type: '' };
  });
  return {
    columns: heads.map(head => head.name),
    types: heads.some(head => head.type !== '')
      ? heads.map(head => head.type)
      : null,
    rows: rows
      .filter((row): row is unknown[] => Array.isArray(row))
      .map(row => row.slice(0, MAX_CELLS).map(cellText)),
    total: typeof total === 'number' ? total : null
  };
}
