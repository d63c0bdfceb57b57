/** Recent jobs, newest first, kept true by the socket. */
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { unwrap } from '../../api/client';
import { useLive, useStudio, useThrottle } from '../../components/common';
import { mergeJob } from './merge';
import type { JobRow } from './merge';

/** The newest `limit` jobs. */
export function useJobs(limit: number) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['jobs', 'recent', limit];
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<JobRow[]> =>
      unwrap(
        await api.client.GET('/jobs', { params: { query: { limit } }, signal })
      ).items
  });
  const refresh = useThrottle(() =>
    client.invalidateQueries({ queryKey: key })
  );
  useLive(['jobs'], event => {
    const old = client.getQueryData<JobRow[]>(key);
    const merged = old ? mergeJob(old, event, limit) : null;
    if (merged) {
      client.setQueryData(key, merged);
    }
    // An answer that is on its way may be older than the event, and would stand over it.
    if (!merged || client.isFetching({ queryKey: key }) > 0) {
      refresh();
    }
  });
  return query;
}
