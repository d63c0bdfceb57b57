/** A list of jobs and an event: the list after it. Pure. */
import type { JobRecord } from '../../api/types';
import type { ILiveEvent } from '../../tokens';

/** What the list needs of a job; the socket sends it without `spec`. */
export type JobRow = Omit<JobRecord, 'spec'> & {
  readonly spec?: JobRecord['spec'];
};

/** Put a job that changed into the list; the list stays newest first and bounded. */
export function mergeJob(
  jobs: readonly JobRow[],
  event: ILiveEvent,
  limit: number
): JobRow[] | null {
  const job = event.data as JobRow | null;
  if (typeof job?.uid !== 'string') {
    return null;
  }
  const others = jobs.filter(one => one.uid !== job.uid);
  if (event.type === 'deleted') {
    return others;
  }
  const old = jobs.find(one => one.uid === job.uid);
  if (old && old.version > job.version) {
    return [...jobs];
  }
  return [...others, { ...old, ...job }]
    .sort((a, b) => b.created_at - a.created_at || (a.uid < b.uid ? 1 : -1))
    .slice(0, limit);
}
