/** A task of the server: read once, kept true by its events, looked at now and then without a socket. */
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { unwrap } from '../../../api/client';
import { useLive, useStudio } from '../../../components/common';
import type { IStudioApi } from '../../../tokens';
import { isOpen, taskOf } from './taskState';
import type { TaskRecord } from './taskState';

/** How often a running task is asked for when no event comes. */
const POLL_MS = 3000;

/** Read a task. */
export async function readTask(
  api: IStudioApi,
  uid: string,
  signal?: AbortSignal
): Promise<TaskRecord> {
  const answer = await api.client.GET('/tasks/{uid}', {
    params: { path: { uid } },
    signal
  });
  return unwrap(answer);
}

/** Ask a task to end. */
export async function stopTask(api: IStudioApi, uid: string): Promise<void> {
  await api.client.DELETE('/tasks/{uid}', { params: { path: { uid } } });
}

/** The task of this uid, live; none while it is null. */
export function useTask(uid: string | null) {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['task', uid];
  useLive(uid === null ? [] : [`task:${uid}`], event => {
    const task = taskOf(event.data);
    if (task) {
      client.setQueryData(key, task);
    } else {
      void client.invalidateQueries({ queryKey: key });
    }
  });
  return useQuery({
    queryKey: key,
    enabled: uid !== null,
    queryFn: ({ signal }) => readTask(api, uid ?? '', signal),
    refetchInterval: query => (isOpen(query.state.data) ? POLL_MS : false)
  });
}
