/**
 * Curves and matrices that runs stored as JSON artifacts (SageMaker's shapes).
 *
 * What is in an artifact was written by somebody: every field is checked, lengths must agree, and
 * what does not add up is no plot.
 */
import type { IStudioApi } from '../../../../tokens';
import type { ArtifactPlot } from './model';

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

export type IStored = IStoredCurve | IStoredMatrix;

const TYPES: Readonly<Record<string, ArtifactPlot>> = {
  ROCCurve: 'roc',
  PrecisionRecallCurve: 'pr',
  ConfusionMatrix: 'confusion'
};
const MOST_BYTES = 2_000_000;
const MOST_POINTS = 20_000;
const MOST_LABELS = 200;
/** JSON artifacts of a run that are looked into. */
const MOST_FILES = 20;

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

/** Read a document; null when it is not a whole plot of this kind. */
export function parseStored(json: unknown, what: ArtifactPlot): IStored | null {
  const doc = (typeof json === 'object' ? json : null) as Fields | null;
  if (doc === null || TYPES[String(doc.type)] !== what) {
    return null;
  }
  const title = typeof doc.title === 'string' ? doc.title.slice(0, 200) : '';
  if (what === 'confusion') {
    return matrixOf(doc, title);
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

/** The first plot of a kind among a run's outputs; null without one. */
export async function readStored(
  api: IStudioApi,
  run: string,
  what: ArtifactPlot,
  name: string | null,
  signal: AbortSignal
): Promise<IStored | null> {
  const { data } = await api.client.GET('/trial-components/{name}/artifacts', {
    params: { path: { name: run } },
    signal
  });
  const files = (data?.items ?? []).filter(
    item =>
      item.direction === 'output' &&
      item.uid !== null &&
      (item.size ?? 0) <= MOST_BYTES &&
      (name === null || item.name === name) &&
      /json/i.test(`${item.media_type ?? ''} ${item.name}`)
  );
  for (const { uid } of files.slice(0, MOST_FILES)) {
    const bytes = await api.bytes(`/artifacts/${uid}/content`, {}, signal);
    const found = parseStored(parsed(bytes), what);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function parsed(bytes: ArrayBuffer): unknown {
  if (bytes.byteLength > MOST_BYTES) {
    return null;
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
