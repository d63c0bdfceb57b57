import { describe, expect, it } from 'vitest';

import {
  isOpen,
  onlyLooks,
  runningImport,
  saidOf,
  taskOf,
  type TaskRecord
} from './taskState';

// What the server's Python writes is no text of ours to translate.
const LABEL = 'Import mlflow: /data';

const task = (fields: Partial<TaskRecord>): TaskRecord =>
  ({
    uid: 'a',
    kind: 'import',
    label: LABEL,
    status: 'InProgress',
    message: 'run 7',
    report: null,
    ...fields
  }) as TaskRecord;

describe('events of a task', () => {
  it('are the task itself, and anything else is not', () => {
    const told = { uid: 'a', status: 'InProgress' };
    expect(taskOf(told)).toBe(told);
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

  it('says which run it is at only until it reports', () => {
    const report = { runs: 3 } as TaskRecord['report'];
    expect(saidOf(task({}))).toBe('run 7');
    expect(saidOf(task({ status: 'Completed', report }))).toBe('');
    expect(saidOf(task({ status: 'Stopped', report }))).toBe('');
    expect(saidOf(task({ status: 'Failed', message: 'no file' }))).toBe(
      'no file'
    );
  });

  it('finds the import that still runs', () => {
    const ended = task({ uid: 'b', status: 'Completed' });
    const other = task({ uid: 'c', kind: 'export' });
    expect(runningImport([other, ended, task({})])?.uid).toBe('a');
    expect(runningImport([other, ended])).toBeUndefined();
    expect(onlyLooks(task({}))).toBe(false);
    const label = LABEL.replace('Import', 'Look at');
    expect(onlyLooks(task({ label }))).toBe(true);
  });
});
