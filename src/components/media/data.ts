/** Media of a component, read when they are shown; keys begin like the component's, so events renew them. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';

import { unwrap } from '../../api/client';
import { useStudio } from '../common';
import type { IStudioApi } from '../../tokens';
import type { MediaItem, MediaSeries } from './inline';

/** Media of one name and step that are shown; a batch of more is rare. */
const AT_ONCE = 24;

const readSeries = (api: IStudioApi, component: string) => ({
  queryKey: ['component', component, 'media'],
  queryFn: async ({
    signal
  }: {
    signal: AbortSignal;
  }): Promise<MediaSeries[]> =>
    unwrap(
      await api.client.GET('/trial-components/{name}/media', {
        params: { path: { name: component } },
        signal
      })
    ).items
});

/** The media series of a component. */
export function useMediaSeries(component: string) {
  const { api } = useStudio();
  return useQuery(readSeries(api, component));
}

/** The media series of several components, in their order. */
export function useAllMediaSeries(components: readonly string[]) {
  const { api } = useStudio();
  return useQueries({ queries: components.map(name => readSeries(api, name)) });
}

/** The media of a name at a step; what was shown stays until the next are here. */
export function useMediaAt(
  component: string,
  name: string,
  step: number | null
) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['component', component, 'media', name, step],
    enabled: step !== null,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<MediaItem[]> => {
      const at = step ?? 0;
      return unwrap(
        await api.client.GET('/trial-components/{name}/media/items', {
          params: {
            path: { name: component },
            query: { name, step_from: at, step_to: at, limit: AT_ONCE }
          },
          signal
        })
      ).items;
    }
  });
}
