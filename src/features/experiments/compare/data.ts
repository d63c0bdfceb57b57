/** A comparison and the components in it, read again when one of them changes. */
import {
  keepPreviousData,
  useQueries,
  useQuery,
  useQueryClient
} from '@tanstack/react-query';

import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import { useLive, useStudio, useThrottle } from '../../../components/common';

/** A component that is compared; null: it is not there any more. */
export type Compared = ComponentRecord | null | undefined;

/** Read the comparison; a running trial renews it at most once in a second. */
export function useComparison(names: readonly string[]) {
  const { api } = useStudio();
  const client = useQueryClient();
  const refresh = useThrottle(() => {
    void client.invalidateQueries({ queryKey: ['comparison'] });
    names.forEach(name => {
      void client.invalidateQueries({ queryKey: ['component', name] });
    });
  }, 1000);
  useLive(
    names.map(name => `component:${name}`),
    refresh
  );
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
