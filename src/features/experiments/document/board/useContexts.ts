/**
 * In which contexts a run logged its metrics.
 *
 * The table knows metrics, not contexts: those are read per run, a few at a time, behind the first
 * paint; and a live point of a new context adds it.
 */
import * as React from 'react';

import { contextText, type ISeriesId } from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import type { IStudioApi } from '../../../../tokens';

type Context = NonNullable<ISeriesId['context']>;

export interface IContexts {
  /** Contexts of a run's metric; null while nobody knows one: draw the plain one, it may come. */
  of(run: string, metric: string): readonly Context[] | null;
  add(id: ISeriesId): void;
  /** Grows when contexts became known. */
  readonly version: number;
}

/** Later than the first paint. */
const DELAY_MS = 250;
const AT_ONCE = 3;
/** Of a metric; ranks of a large job are no picture. */
const MOST = 16;

type Known = Map<string, Map<string, Context[]>>;

async function read(
  api: IStudioApi,
  run: string,
  signal: AbortSignal
): Promise<Map<string, Context[]>> {
  const { data } = await api.client.GET('/trial-components/{name}/series', {
    params: { path: { name: run } },
    signal
  });
  const found = new Map<string, Context[]>();
  for (const { name, context } of data?.items ?? []) {
    const all = found.get(name) ?? [];
    if (all.length < MOST) {
      found.set(name, [...all, context as Context]);
    }
  }
  return found;
}

/** The context is remembered where it is not yet; whether anything changed. */
function remember(known: Known, id: ISeriesId): boolean {
  const metrics = known.get(id.component) ?? new Map<string, Context[]>();
  const all = metrics.get(id.name) ?? [];
  const text = contextText(id.context);
  if (all.length >= MOST || all.some(one => contextText(one) === text)) {
    return false;
  }
  metrics.set(id.name, [...all, id.context ?? {}]);
  known.set(id.component, metrics);
  return true;
}

export function useContexts(
  runs: readonly string[],
  wanted: boolean
): IContexts {
  const { api } = useStudio();
  const known = React.useRef<Known>(new Map());
  /** Runs whose list was read; live points may have told of others before. */
  const done = React.useRef(new Set<string>());
  const [version, redraw] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    const queue = runs.filter(run => !done.current.has(run));
    if (!wanted || queue.length === 0) {
      return;
    }
    const abort = new AbortController();
    const work = async (): Promise<void> => {
      for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
        const found = await read(api, run, abort.signal).catch(() => null);
        if (abort.signal.aborted) {
          return;
        }
        if (found !== null && found.size > 0) {
          known.current.set(run, found);
          done.current.add(run);
          told();
        }
      }
    };
    let soon: ReturnType<typeof setTimeout> | undefined;
    const told = (): void => {
      soon ??= setTimeout(() => {
        soon = undefined;
        redraw();
      }, DELAY_MS);
    };
    const timer = setTimeout(() => {
      Array.from({ length: AT_ONCE }, work);
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      if (soon !== undefined) {
        clearTimeout(soon);
        redraw();
      }
      abort.abort();
    };
  }, [api, runs, wanted]);
  return React.useMemo(
    () => ({
      version,
      of: (run, metric) => known.current.get(run)?.get(metric) ?? null,
      add: id => {
        if (remember(known.current, id)) {
          redraw();
        }
      }
    }),
    [version]
  );
}
