/** What the tree shows, read when it becomes visible and kept true by the socket. */
import {
  useInfiniteQuery,
  useQueries,
  useQueryClient
} from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import type { ComponentRecord, TrialRecord } from '../../../api/types';
import { useLive, useStudio, useThrottle } from '../../../components/common';
import type { ILiveEvent, IStudioApi } from '../../../tokens';
import { CHILDREN, experimentKey, visibleTrials } from './model';
import type { ITreeData } from './model';

/** First part of the key of every query of the tree. */
export const TREE = 'experiments-tree';

function useExperiments(filter: string, pageSize: number) {
  const { api } = useStudio();
  return useInfiniteQuery({
    queryKey: [TREE, 'list', filter, pageSize],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: pageSize,
        ...(filter === '' ? {} : { name_contains: filter }),
        ...(pageParam === undefined ? {} : { cursor: pageParam })
      };
      return unwrap(
        await api.client.GET('/experiments', { params: { query }, signal })
      );
    },
    getNextPageParam: page => page.next ?? undefined,
    placeholderData: previous => previous
  });
}

const readTrials = (api: IStudioApi, experiment: string) => ({
  queryKey: [TREE, 'trials', experiment],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    unwrap(
      await api.client.GET('/trials', {
        params: { query: { experiment, limit: CHILDREN } },
        signal
      })
    ).items
});

const readComponents = (api: IStudioApi, trial: string) => ({
  queryKey: [TREE, 'components', trial],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    unwrap(
      await api.client.GET('/trial-components', {
        params: { query: { trial, limit: CHILDREN } },
        signal
      })
    ).items
});

/** The changed cells of a component, if this is such an event. */
function changedCells(event: ILiveEvent): {
  name: string;
  cells: Record<string, unknown>;
} | null {
  const data = event.data as {
    name?: unknown;
    cells?: Record<string, unknown>;
  } | null;
  return event.type === 'component.updated' &&
    typeof data?.name === 'string' &&
    data.cells
    ? { name: data.name, cells: data.cells }
    : null;
}

function patched(
  list: ComponentRecord[] | undefined,
  name: string,
  cells: Record<string, unknown>
): ComponentRecord[] | undefined {
  return list?.map(one =>
    one.name === name
      ? {
          ...one,
          ...('status' in cells
            ? { status: cells.status as ComponentRecord['status'] }
            : {}),
          ...('display_name' in cells
            ? { display_name: cells.display_name as string | null }
            : {})
        }
      : one
  );
}

/** The tree's data for a filter and a set of expanded rows. */
export function useTree(
  filter: string,
  expanded: ReadonlySet<string>,
  pageSize: number
) {
  const { api } = useStudio();
  const client = useQueryClient();
  const list = useExperiments(filter, pageSize);
  const experiments = React.useMemo(
    () => list.data?.pages.flatMap(page => page.items) ?? [],
    [list.data]
  );
  const open = experiments
    .map(one => one.name)
    .filter(name => expanded.has(experimentKey(name)));

  const trialQueries = useQueries({
    queries: open.map(name => readTrials(api, name))
  });
  const trials = new Map<string, readonly TrialRecord[]>();
  open.forEach((name, i) => {
    const data = trialQueries[i].data;
    if (data) {
      trials.set(name, data);
    }
  });

  const shown = visibleTrials({ experiments, trials, expanded });
  const componentQueries = useQueries({
    queries: shown.map(name => readComponents(api, name))
  });
  const components = new Map<string, readonly ComponentRecord[]>();
  shown.forEach((name, i) => {
    const data = componentQueries[i].data;
    if (data) {
      components.set(name, data);
    }
  });

  const refresh = useThrottle(() =>
    client.invalidateQueries({ queryKey: [TREE] })
  );
  useLive(['experiments', ...open.map(name => `experiment:${name}`)], event => {
    const change = changedCells(event);
    if (change === null) {
      if (event.type !== 'columns.changed') {
        refresh();
      }
      return;
    }
    // Most events are of metrics, which the tree does not show.
    if ('status' in change.cells || 'display_name' in change.cells) {
      client.setQueriesData<ComponentRecord[]>(
        { queryKey: [TREE, 'components'] },
        old => patched(old, change.name, change.cells)
      );
    }
    if ('status' in change.cells) {
      refresh();
    }
  });

  const failed = [list, ...trialQueries, ...componentQueries].find(
    query => query.error !== null
  );
  const data: ITreeData = { experiments, trials, components, expanded };
  return { data, list, error: failed?.error ?? null };
}
