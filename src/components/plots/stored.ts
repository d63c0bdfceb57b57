/**
 * Curves, matrices and tables that runs stored as JSON artifacts (SageMaker's shapes).
 *
 * What is in an artifact was written by somebody: every field is checked, lengths must agree, and
 * what does not add up is no plot. Pure.
 */
import type { Schemas } from '../../api/types';

/** What a stored document draws. */
export type PlotKind = 'roc' | 'pr' | 'confusion' | 'table';

export interface IStoredCurve {
  readonly kind: 'curve';
  readonly title: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Area under the curve or average precision; null when nobody told. */
  readonly score: number | null;
  /** Precision of guessing. */
  readonly noSkill: number | null;
}

export interface IStoredMatrix {
  readonly kind: 'matrix';
  readonly title: string;
  readonly labels: readonly string[];
  readonly values: readonly (readonly number[])[];
}

export interface IStoredTable {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly string[];
  readonly types: readonly string[];
  /** The first rows, as texts. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly total: number;
}

export type IStored = IStoredCurve | IStoredMatrix | IStoredTable;

const TYPES: Readonly<Record<string, PlotKind>> = {
  ROCCurve: 'roc',
  PrecisionRecallCurve: 'pr',
  ConfusionMatrix: 'confusion',
  Table: 'table'
};
/** Bytes of a document that is drawn. */
export const MOST_BYTES = 2_000_000;
const MOST_POINTS = 20_000;
const MOST_LABELS = 200;
const MOST_ROWS = 500;
const MOST_COLUMNS = 100;

type Fields = Readonly<Record<string, unknown>>;

const numbers = (value: unknown, most: number): number[] | null =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= most &&
  value.every(v => typeof v === 'number' && Number.isFinite(v))
    ? (value as number[])
    : null;

const numberOr = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** Which plot a document says that it is; null: none of ours. */
export function plotKindOf(json: unknown): PlotKind | null {
  const doc = typeof json === 'object' ? (json as Fields | null) : null;
  const type = doc?.type;
  return typeof type === 'string' && Object.hasOwn(TYPES, type)
    ? TYPES[type]
    : null;
}

/** Read a document; null when it is not a whole plot of this kind. */
export function parseStored(json: unknown, what: PlotKind): IStored | null {
  if (plotKindOf(json) !== what) {
    return null;
  }
  const doc = json as Fields;
  const title = typeof doc.title === 'string' ? doc.title.slice(0, 200) : '';
  if (what === 'confusion') {
    return matrixOf(doc, title);
  }
  if (what === 'table') {
    return tableOf(doc, title);
  }
  const roc = what === 'roc';
  const x = numbers(roc ? doc.falsePositiveRate : doc.recall, MOST_POINTS);
  const y = numbers(roc ? doc.truePositiveRate : doc.precision, MOST_POINTS);
  if (x === null || y === null || x.length !== y.length) {
    return null;
  }
  const score = numberOr(roc ? doc.areaUnderCurve : doc.averagePrecisionScore);
  const noSkill = roc ? null : numberOr(doc.noSkill);
  return { kind: 'curve', title, x, y, score, noSkill };
}

function matrixOf(doc: Fields, title: string): IStoredMatrix | null {
  const raw: unknown[] = Array.isArray(doc.confusionMatrix)
    ? doc.confusionMatrix
    : [];
  const values = raw.map(row => numbers(row, MOST_LABELS));
  const n = values.length;
  if (n === 0 || n > MOST_LABELS || values.some(row => row?.length !== n)) {
    return null;
  }
  const named = Array.isArray(doc.labels) && doc.labels.length === n;
  const labels = named
    ? (doc.labels as unknown[]).map(label => String(label).slice(0, 100))
    : values.map((_, i) => String(i));
  return { kind: 'matrix', title, labels, values: values as number[][] };
}

const cellText = (value: unknown): string | null =>
  value === null || value === undefined
    ? null
    : typeof value === 'string'
      ? value.slice(0, 1000)
      : JSON.stringify(value).slice(0, 1000);

function tableOf(doc: Fields, title: string): IStoredTable | null {
  const { data } = doc;
  const named = (Array.isArray(doc.fields) ? doc.fields : []).flatMap(
    (field: unknown) => {
      const { name, type } = (field ?? {}) as Fields;
      return typeof name === 'string'
        ? [{ name, type: typeof type === 'string' ? type : '' }]
        : [];
    }
  );
  const shown = named.slice(0, MOST_COLUMNS);
  if (typeof data !== 'object' || data === null || shown.length === 0) {
    return null;
  }
  const columns = shown.map(({ name }) => {
    const column = Object.hasOwn(data, name) ? (data as Fields)[name] : null;
    return Array.isArray(column) ? (column as unknown[]) : [];
  });
  const total = columns.reduce((n, column) => Math.max(n, column.length), 0);
  return {
    kind: 'table',
    title,
    columns: shown.map(({ name }) => name),
    types: shown.map(({ type }) => type),
    rows: Array.from({ length: Math.min(total, MOST_ROWS) }, (_, i) =>
      columns.map(column => cellText(column[i]))
    ),
    total
  };
}

/** A stored document's bytes as JSON; null when they are none, or too many. */
export function parseDocument(bytes: ArrayBuffer): unknown {
  if (bytes.byteLength > MOST_BYTES) {
    return null;
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** Whether an output may be such a document: JSON that is kept here, and small. */
export const mayBePlot = (item: Schemas['ArtifactItem']): boolean =>
  item.direction === 'output' &&
  item.uid !== null &&
  (item.size ?? 0) <= MOST_BYTES &&
  /json/i.test(`${item.media_type ?? ''} ${item.name}`);
