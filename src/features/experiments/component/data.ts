/** What the component page shows: the component, its job, artifacts and code, kept true by the socket. */
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { asStudioError } from '../../../api/errors';
import { unwrap } from '../../../api/client';
import type { ComponentRecord, JobRecord } from '../../../api/types';
import {
  useLive,
  useStale,
  useStudio,
  useThrottle
} from '../../../components/common';

const SUFFIX = /-aws-(?:training|processing)-job$/;

/** The name of the job that a component records, from its source, else from its name. */
export function jobNameOf(
  component: Pick<ComponentRecord, 'name' | 'source_arn'>
): string | null {
  const arn = /:(?:job|training-job|processing-job)\/([^/]+)$/.exec(
    component.source_arn ?? ''
  );
  if (arn) {
    return arn[1];
  }
  return SUFFIX.test(component.name)
    ? component.name.replace(SUFFIX, '')
    : null;
}

/** The component; read again when an event says that it changed. */
export function useComponent(name: string) {
  const { api } = useStudio();
  const client = useQueryClient();
  const refresh = useThrottle(() =>
    client.invalidateQueries({ queryKey: ['component', name] })
  );
  useLive([`component:${name}`], refresh);
  useStale(['component', name]);
  return useQuery({
    queryKey: ['component', name],
    queryFn: async ({ signal }) =>
      unwrap(
        await api.client.GET('/trial-components/{name}', {
          params: { path: { name } },
          signal
        })
      )
  });
}

/** The job of a component; null when there is none, or it was deleted. */
export function useJob(name: string | null) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['jobs', 'one', name];
  useLive(name === null ? [] : [`job:${name}`], event => {
    const job = event.data as Partial<JobRecord> | null;
    const old = client.getQueryData<JobRecord | null>(key);
    const known =
      typeof job?.uid === 'string' && old && old.version <= (job.version ?? 0);
    if (known) {
      client.setQueryData(key, { ...old, ...job });
    }
    // An answer that is on its way may be older than the event, and would stand over it.
    if (!known || client.isFetching({ queryKey: key }) > 0) {
      void client.invalidateQueries({ queryKey: key });
    }
  });
  useStale(key);
  return useQuery({
    queryKey: key,
    enabled: name !== null,
    queryFn: async ({ signal }): Promise<JobRecord | null> => {
      try {
        return unwrap(
          await api.client.GET('/jobs/{name}', {
            params: { path: { name: name ?? '' } },
            signal
          })
        );
      } catch (error) {
        if (asStudioError(error).code === 'not_found') {
          return null;
        }
        throw error;
      }
    }
  });
}

/** Code and environment; they do not change while it runs. */
export function useCode(name: string) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['component-code', name],
    queryFn: async ({ signal }) =>
      unwrap(
        await api.client.GET('/trial-components/{name}/code', {
          params: { path: { name } },
          signal
        })
      )
  });
}
