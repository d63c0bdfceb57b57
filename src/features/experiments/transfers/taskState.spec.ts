import { describe, expect, it } from 'vitest';

import { isOpen, taskOf } from './taskState';

describe('events of a task', () => {
  it('are the task itself, and anything else is not', () => {
    const task = { uid: 'a', status: 'InProgress' };
    expect(taskOf(task)).toBe(task);
    expect([null, 1, {}, { uid: 'a' }, { status: 'x' }].map(taskOf)).toEqual(
      Array(5).fill(null)
    );
  });

  it('is open only while it is in progress', () => {
    const of = (status: string) =>
      isOpen(taskOf({ uid: 'a', status }) ?? undefined);
    expect(['InProgress', 'Completed', 'Failed', 'Stopped'].map(of)).toEqual([
      true,
      false,
      false,
      false
    ]);
    expect(isOpen(undefined)).toBe(false);
  });
});
