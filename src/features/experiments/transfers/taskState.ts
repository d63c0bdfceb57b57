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
