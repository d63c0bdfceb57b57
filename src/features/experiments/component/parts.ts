/**
 * Parts of a component by pages: a trial may have 100,000 metrics. The component's own record
 * carries the first of them, and `totals` where there are more.
 */
import {
  keepPreviousData,
  useInfiniteQuery,
  type InfiniteData
} from '@tanstack/react-query';

import { unwrap } from '../../../api/client';
import type { ComponentRecord, Schemas } from '../../../api/types';
import { useStudio } from '../../../components/common';

type Totals = NonNullable<ComponentRecord['totals']>;
/** What has a page of its own. */
export type PairPart = 'params' | 'tags';

/** What our sampler of the machine writes begins so. */
export const MACHINE = 'system/';
/** Parts of a page; as many rows as a table draws at once. */
const PAGE = 500;
/** Characters that a search may have. */
const LONGEST = 500;

interface IPage<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly next: string | null;
}

/** The pages that were read, as one list. */
export interface IParts<T> {
  readonly items: readonly T[];
  /** How many fit the search, those that were not read among them. */
  readonly total: number;
  readonly error: Error | null;
  /** The first page is on its way. */
  readonly pending: boolean;
  /** A page is on its way. */
  readonly busy: boolean;
  readonly more: boolean;
  /** Read the next page. */
  readonly load: () => void;
}

/** How many of a part there are, of which `listed` came with the record. */
export function totalOf(
  component: Pick<ComponentRecord, 'totals'>,
  part: keyof Totals,
  listed: number
): number {
  return Math.max(component.totals?.[part] ?? 0, listed);
}

/** The pages as one list. */
export function joined<T>(data: InfiniteData<IPage<T>> | undefined): {
  items: T[];
  total: number;
} {
  const pages = data?.pages ?? [];
  return {
    items: pages.flatMap(page => [...page.items]),
    total: pages[pages.length - 1]?.total ?? 0
  };
}

function usePages<T>(
  key: readonly string[],
  read: (
    query: { contains: string; limit: number; cursor?: string },
    signal: AbortSignal
  ) => Promise<IPage<T>>,
  contains: string,
  enabled: boolean
): IParts<T> {
  const text = contains.trim().slice(0, LONGEST);
  const query = useInfiniteQuery({
    // It begins like the component's key: one event refreshes both.
    queryKey: ['component', ...key, text],
    enabled,
    placeholderData: keepPreviousData,
    initialPageParam: '',
    getNextPageParam: (last: IPage<T>) => last.next ?? undefined,
    queryFn: async ({ pageParam, signal }) =>
      read(
        {
          contains: text,
          limit: PAGE,
          ...(pageParam === '' ? {} : { cursor: pageParam })
        },
        signal
      )
  });
  return {
    ...joined(query.data),
    error: query.error,
    pending: query.isPending && enabled,
    busy: query.isFetching,
    more: query.hasNextPage,
    load: () => void query.fetchNextPage()
  };
}

/** Metrics whose name holds the text, by name. */
export function useSeries(
  name: string,
  contains: string,
  enabled: boolean
): IParts<Schemas['SeriesSummary']> {
  const { api } = useStudio();
  return usePages(
    [name, 'series'],
    async (query, signal) =>
      unwrap(
        await api.client.GET('/trial-components/{name}/series', {
          params: { path: { name }, query },
          signal
        })
      ),
    contains,
    enabled
  );
}

/** Parameters or tags whose name holds the text, by name. */
export function usePairs(
  name: string,
  part: PairPart,
  contains: string,
  enabled: boolean
): IParts<Schemas['Pair']> {
  const { api } = useStudio();
  return usePages(
    [name, part],
    async (query, signal) =>
      unwrap(
        await api.client.GET(
          part === 'params'
            ? '/trial-components/{name}/params'
            : '/trial-components/{name}/tags',
          { params: { path: { name }, query }, signal }
        )
      ),
    contains,
    enabled
  );
}

/** Inputs, then outputs, whose name holds the text. */
export function useArtifacts(
  name: string,
  contains: string
): IParts<Schemas['ArtifactItem']> {
  const { api } = useStudio();
  return usePages(
    [name, 'artifacts'],
    async (query, signal) =>
      unwrap(
        await api.client.GET('/trial-components/{name}/artifacts', {
          params: { path: { name }, query },
          signal
        })
      ),
    contains,
    true
  );
}
