/** Jobs by where they stand: running, waiting in their order, ended. Pure. */
import { isRunning } from '../../components/common/states';
import type { JobRow } from './merge';

/** Whether a job waits for its turn, for the first time or again. */
export function waits(job: Pick<JobRow, 'status' | 'secondary'>): boolean {
  return job.status === 'InProgress' && job.secondary === 'Pending';
}

/** The status that is shown: a waiting job is not in progress for those who look. */
export function shownAs(job: Pick<JobRow, 'status' | 'secondary'>): string {
  return waits(job) ? 'Pending' : job.status;
}

/** Jobs in three groups. */
export interface IGroups {
  /** Newest first. */
  readonly running: readonly JobRow[];
  /** In the order in which they go. */
  readonly waiting: readonly JobRow[];
  /** Those that ended last stand first. */
  readonly ended: readonly JobRow[];
}

/** Group jobs; `queue` are names in the agent's order, where it is known. */
export function groupJobs(
  jobs: readonly JobRow[],
  queue: readonly string[]
): IGroups {
  const place = new Map(queue.map((name, i) => [name, i]));
  const at = (job: JobRow): number => place.get(job.name) ?? Infinity;
  const open = jobs.filter(job => isRunning(job.status));
  return {
    running: open.filter(job => !waits(job)),
    waiting: open
      .filter(waits)
      .sort(
        (a, b) =>
          (at(a) === at(b) ? 0 : at(a) - at(b)) ||
          (b.priority ?? 0) - (a.priority ?? 0) ||
          a.created_at - b.created_at
      ),
    ended: jobs
      .filter(job => !isRunning(job.status))
      .sort(
        (a, b) =>
          (b.ended_at ?? b.created_at) - (a.ended_at ?? a.created_at) ||
          (a.uid < b.uid ? 1 : -1)
      )
  };
}

/** Whether a job has all the words of a search in its name, kind, size, status or experiment. */
export function fits(job: JobRow, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = [
    job.name,
    job.kind,
    job.status,
    job.secondary,
    job.spec?.instance_type,
    job.spec?.experiment_config?.experiment_name,
    job.spec?.schedule
  ]
    .join(' ')
    .toLowerCase();
  return words.every(word => hay.includes(word));
}

/** The priority that puts a waiting job before, or behind, its neighbour; null: it cannot go further. */
export function movedPriority(
  waiting: readonly JobRow[],
  name: string,
  up: boolean
): number | null {
  const from = waiting.findIndex(job => job.name === name);
  const neighbour = waiting[from + (up ? -1 : 1)] as JobRow | undefined;
  if (from < 0 || neighbour === undefined) {
    return null;
  }
  const wanted = (neighbour.priority ?? 0) + (up ? 1 : -1);
  return Math.abs(wanted) > 100 ? null : wanted;
}
