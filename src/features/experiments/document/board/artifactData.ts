/** The plots that runs stored, looked for among their outputs. */
import {
  mayBePlot,
  parseDocument,
  parseStored,
  type IStored
} from '../../../../components/plots/stored';
import type { IStudioApi } from '../../../../tokens';
import type { ArtifactPlot } from './model';

/** JSON artifacts of a run that are looked into. */
const MOST_FILES = 20;

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
    item => mayBePlot(item) && (name === null || item.name === name)
  );
  for (const { uid } of files.slice(0, MOST_FILES)) {
    const bytes = await api.bytes(`/artifacts/${uid}/content`, {}, signal);
    const found = parseStored(parseDocument(bytes), what);
    if (found !== null) {
      return found;
    }
  }
  return null;
}
