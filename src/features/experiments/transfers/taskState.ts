/** What a task of the server says of itself. Pure. */
import type { Schemas } from '../../../api/types';

export type TaskRecord = Schemas['TaskRecord'];

/** What an event says of a task; null for anything else. */
export function taskOf(data: unknown): TaskRecord | null {
  const task = data as Partial<TaskRecord> | null;
  return typeof task?.uid === 'string' && typeof task.status === 'string'
    ? (task as TaskRecord)
    : null;
}

/** Whether it still runs. */
export const isOpen = (task: TaskRecord | undefined): boolean =>
  task?.status === 'InProgress';

/** What stands beside its status: where it is, or why it ended; what it did is in its report. */
export const saidOf = (task: TaskRecord): string =>
  isOpen(task) || task.report === null || task.status === 'Failed'
    ? task.message
    : '';

/** The import that runs on the server now, when there is one: a page that was closed finds it again. */
export const runningImport = (
  tasks: readonly TaskRecord[]
): TaskRecord | undefined =>
  tasks.find(task => task.kind === 'import' && isOpen(task));

/** Whether an import only looks: the server's label is all that tells it of somebody else's. */
export const onlyLooks = (task: TaskRecord): boolean =>
  task.label.startsWith('Look at ');
