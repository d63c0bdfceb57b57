/** A comparison and the components in it, read again when one of them changes. */
import {
  keepPreviousData,
  useInfiniteQuery,
  useQueries,
  useQuery,
  useQueryClient
} from '@tanstack/react-query';

import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import {
  useLive,
  useStale,
  useStudio,
  useThrottle
} from '../../../components/common';
import {
  mayBePlot,
  parseDocument,
  parseStored,
  plotKindOf
} from '../../../components/plots/stored';
import { nextOf, type CompareReply, type CompareRow } from './model';
import type { INamedPlot } from './plots';

/** A component that is compared; null: it is not there any more. */
export type Compared = ComponentRecord | null | undefined;

/** Read the comparison; a running trial renews it at most once in a second. */
export function useComparison(names: readonly string[]) {
  const { api } = useStudio();
  const client = useQueryClient();
  const refresh = useThrottle(
    () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['comparison'] }),
        ...names.map(name =>
          client.invalidateQueries({ queryKey: ['component', name] })
        )
      ]),
    1000
  );
  useLive(
    names.map(name => `component:${name}`),
    refresh
  );
  useStale(['comparison', ...names]);
  return useQuery({
    queryKey: ['comparison', ...names],
    enabled: names.length > 1,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = { components: [...names] };
      return unwrap(await api.client.POST('/comparisons', { body, signal }));
    }
  });
}

/** Rows of these groups that hold a text: one list of the pages that were read. */
export interface IMoreRows {
  readonly rows: readonly CompareRow[];
  readonly totals: CompareReply['totals'];
  readonly error: Error | null;
  readonly busy: boolean;
  readonly more: boolean;
  readonly load: () => void;
}

/** Characters that a search may have. */
const LONGEST = 500;

/** Rows by pages, where the comparison itself leaves some out. */
export function useMoreRows(
  names: readonly string[],
  groups: readonly CompareRow['group'][],
  text: string,
  differences: boolean,
  enabled: boolean
): IMoreRows {
  const { api } = useStudio();
  const contains = text.trim().slice(0, LONGEST);
  useStale(['comparison', 'rows', ...names]);
  const query = useInfiniteQuery({
    // It begins like the comparison's key: one event refreshes both.
    queryKey: ['comparison', 'rows', ...names, groups, contains, differences],
    enabled,
    placeholderData: keepPreviousData,
    initialPageParam: Object.fromEntries(groups.map(group => [group, 0])),
    getNextPageParam: (last: CompareReply) => nextOf(last),
    queryFn: async ({ pageParam, signal }): Promise<CompareReply> => {
      const components = [...names];
      const begin = pageParam;
      const body = { components, contains, differences, begin, texts: false };
      return unwrap(await api.client.POST('/comparisons', { body, signal }));
    }
  });
  const pages = query.data?.pages ?? [];
  return {
    rows: pages.flatMap(page => page.rows),
    totals: pages[0]?.totals ?? {},
    error: query.error,
    busy: query.isFetching,
    more: query.hasNextPage,
    load: () => void query.fetchNextPage()
  };
}

/** The components, in the order of their names; undefined while one is being read. */
export function useCompared(names: readonly string[]): Compared[] {
  const { api } = useStudio();
  const queries = useQueries({
    queries: names.map(name => ({
      queryKey: ['component', name],
      queryFn: async ({
        signal
      }: {
        signal: AbortSignal;
      }): Promise<ComponentRecord> =>
        unwrap(
          await api.client.GET('/trial-components/{name}', {
            params: { path: { name } },
            signal
          })
        )
    }))
  });
  return queries.map(query =>
    query.data === undefined &&
    query.error !== null &&
    asStudioError(query.error).code === 'not_found'
      ? null
      : query.data
  );
}

/** Components whose name has the text in it, newest first, to add one. */
export function useFound(text: string, wanted: boolean) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['comparison-find', text],
    enabled: wanted,
    staleTime: 5000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const query = {
        limit: 30,
        ...(text === '' ? {} : { name_contains: text })
      };
      return unwrap(
        await api.client.GET('/trial-components', { params: { query }, signal })
      ).items;
    }
  });
}

/** JSON outputs of a component that are looked into. */
const MOST_FILES = 20;

/** The plots that the components stored, in the order of their names. */
export function useStoredPlots(names: readonly string[]) {
  const { api } = useStudio();
  const client = useQueryClient();
  return useQueries({
    queries: names.map(name => ({
      queryKey: ['component', name, 'plots'],
      queryFn: async ({
        signal
      }: {
        signal: AbortSignal;
      }): Promise<INamedPlot[]> => {
        const { items } = unwrap(
          await api.client.GET('/trial-components/{name}/artifacts', {
            params: { path: { name } },
            signal
          })
        );
        const read = items
          .filter(mayBePlot)
          .slice(0, MOST_FILES)
          .map(async item => ({
            name: item.name,
            // What an artifact holds never changes: it is read once, whoever asks.
            document: await client.fetchQuery({
              queryKey: ['stored', item.uid],
              staleTime: Infinity,
              queryFn: async () =>
                parseDocument(
                  await api.bytes(
                    `/artifacts/${encodeURIComponent(item.uid ?? '')}/content`,
                    {},
                    signal
                  )
                )
            })
          }));
        return (await Promise.all(read)).flatMap(
          ({ name: called, document }) => {
            const what = plotKindOf(document);
            const plot = what === null ? null : parseStored(document, what);
            return what === null || plot === null
              ? []
              : [{ name: called, what, plot }];
          }
        );
      }
    }))
  });
}
