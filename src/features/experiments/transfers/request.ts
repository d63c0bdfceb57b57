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
