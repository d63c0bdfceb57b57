/** Jobs, one job, and what belongs to it; kept true by the socket. */
import {
  keepPreviousData,
  useQuery,
  useQueryClient
} from '@tanstack/react-query';

import { unwrap } from '../../api/client';
import { asStudioError } from '../../api/errors';
import type { ComponentRecord, JobRecord } from '../../api/types';
import {
  useLive,
  useStale,
  useStudio,
  useThrottle
} from '../../components/common';
import { mergeJob } from './merge';
import type { JobRow } from './merge';

/** Open jobs that are read beside the newest ones: none that waits is left out. */
const OPEN = 1000;
/** While jobs are open the agent is looked at so often: nobody tells that it died. */
const AGENT_MS = 5000;

/** Jobs, and whether there are older ones. */
export interface IJobList {
  readonly jobs: readonly JobRow[];
  readonly more: boolean;
}

/** All open jobs and the newest `limit` of all. */
export function useJobs(limit: number) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['jobs', 'list', limit];
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<IJobList> => {
      const read = async (query: { limit: number; open_only?: boolean }) =>
        unwrap(await api.client.GET('/jobs', { params: { query }, signal }));
      const [open, newest] = await Promise.all([
        read({ limit: OPEN, open_only: true }),
        read({ limit })
      ]);
      const all = new Map(
        [...open.items, ...newest.items].map(job => [job.uid, job])
      );
      return {
        jobs: [...all.values()],
        more: typeof newest.next === 'string'
      };
    }
  });
  const refresh = useThrottle(() =>
    client.invalidateQueries({ queryKey: key })
  );
  useStale(key);
  useLive(['jobs'], event => {
    const old = client.getQueryData<IJobList>(key);
    const merged = old ? mergeJob(old.jobs, event, limit + OPEN) : null;
    if (old && merged) {
      client.setQueryData<IJobList>(key, { ...old, jobs: merged });
    }
    // An answer that is on its way may be older than the event, and would stand over it. A new
    // job comes without its specification, and the rows show its size.
    if (
      !merged ||
      event.type === 'created' ||
      client.isFetching({ queryKey: key }) > 0
    ) {
      refresh();
    }
  });
  return query;
}

/** How the agent is; looked at again and again only while jobs are open. */
export function useAgent(open: boolean) {
  const { api } = useStudio();
  const client = useQueryClient();
  const refresh = useThrottle(
    () => client.invalidateQueries({ queryKey: ['agent'] }),
    1000
  );
  useLive(['jobs'], refresh);
  return useQuery({
    queryKey: ['agent'],
    staleTime: AGENT_MS,
    refetchInterval: open ? AGENT_MS : false,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/agent', { signal }))
  });
}

/** One job; null when it was deleted. */
export function useJob(name: string) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['jobs', 'one', name];
  useLive([`job:${name}`], event => {
    const job = event.data as Partial<JobRecord> | null;
    const old = client.getQueryData<JobRecord | null>(key);
    const fresh =
      event.type !== 'deleted' &&
      typeof job?.uid === 'string' &&
      old &&
      old.version <= (job.version ?? 0);
    if (fresh) {
      client.setQueryData(key, { ...old, ...job });
    }
    if (!fresh || client.isFetching({ queryKey: key }) > 0) {
      void client.invalidateQueries({ queryKey: key });
    }
  });
  useStale(key);
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<JobRecord | null> => {
      try {
        const params = { path: { name } };
        return unwrap(await api.client.GET('/jobs/{name}', { params, signal }));
      } catch (error) {
        if (asStudioError(error).code === 'not_found') {
          return null;
        }
        throw error;
      }
    }
  });
}

/** The component that records a job; null before there is one. `name` null: not asked for. */
export function useComponent(name: string | null) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['component', name];
  const refresh = useThrottle(
    () => client.invalidateQueries({ queryKey: key }),
    1000
  );
  useLive(name === null ? [] : [`component:${name}`], refresh);
  useStale(key);
  return useQuery({
    queryKey: key,
    enabled: name !== null,
    queryFn: async ({ signal }): Promise<ComponentRecord> => {
      const params = { path: { name: name ?? '' } };
      return unwrap(
        await api.client.GET('/trial-components/{name}', { params, signal })
      );
    }
  });
}

/** What a job read and left; asked for again when the job changed. */
export function useFolders(job: JobRecord) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['job-folders', job.name, job.version],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const params = { path: { name: job.name } };
      return unwrap(
        await api.client.GET('/jobs/{name}/folders', { params, signal })
      );
    }
  });
}

/** The code as it ran; it does not change. */
export function useSource(name: string, attempt: number) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['job-source', name, attempt],
    queryFn: async ({ signal }) => {
      const params = { path: { name } };
      return unwrap(
        await api.client.GET('/jobs/{name}/source', { params, signal })
      );
    }
  });
}

/** The job in SageMaker's words. */
export function useDescription(job: JobRecord) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['job-describe', job.name, job.version],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<unknown> => {
      const params = { path: { name: job.name } };
      return unwrap(
        await api.client.GET('/jobs/{name}/describe', { params, signal })
      );
    }
  });
}

/** What two jobs do not share; not asked for without another one. */
export function useDifference(name: string, other: string) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['job-diff', name, other],
    enabled: other !== '',
    queryFn: async ({ signal }) => {
      const params = { path: { name }, query: { other } };
      return unwrap(
        await api.client.GET('/jobs/{name}/diff', { params, signal })
      );
    }
  });
}

/** Sizes, for a choice. */
export function useInstances() {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['instances'],
    staleTime: 10_000,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/instances', { signal }))
  });
}
