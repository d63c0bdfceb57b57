/** What the import page asks the server for. Pure. */
import type { Schemas } from '../../../api/types';

export type SourceKind = Schemas['ImportRequest']['kind'];

/** What somebody typed. */
export interface IAsked {
  readonly kind: SourceKind;
  readonly source: string;
  readonly experiment: string;
}

/** The request for the server; a blank experiment means the source's own names. */
export function requestOf(
  asked: IAsked,
  dryRun: boolean
): Schemas['ImportRequest'] {
  const experiment = asked.experiment.trim();
  return {
    kind: asked.kind,
    source: asked.source.trim(),
    experiment: experiment === '' ? null : experiment,
    dry_run: dryRun
  };
}

/** An import that was begun. */
export interface IStarted {
  readonly uid: string;
  readonly dryRun: boolean;
  /** What was asked, to know whether a look still holds. */
  readonly asked: IAsked;
}

const KINDS: readonly SourceKind[] = [
  'mlflow',
  'tensorboard',
  'wandb',
  'smexperiments'
];
const text = (value: unknown): string =>
  typeof value === 'string' ? value : '';

function askedOf(state: object | null): IAsked {
  const { kind, source, experiment } = (state ?? {}) as Record<string, unknown>;
  return {
    kind: KINDS.find(one => one === kind) ?? 'mlflow',
    source: text(source),
    experiment: text(experiment)
  };
}

const objectOf = (value: unknown): object | null =>
  typeof value === 'object' ? value : null;

/** Read what a page kept over a reload; a broken field becomes its default, nothing throws. */
export function keptOf(state: unknown): {
  asked: IAsked;
  started: IStarted | null;
} {
  const kept = objectOf(state) as { started?: unknown } | null;
  const begun = objectOf(kept?.started) as Record<string, unknown> | null;
  const uid = text(begun?.uid);
  return {
    asked: askedOf(kept),
    started:
      begun === null || uid === ''
        ? null
        : {
            uid,
            dryRun: begun.dryRun === true,
            asked: askedOf(objectOf(begun.asked))
          }
  };
}
