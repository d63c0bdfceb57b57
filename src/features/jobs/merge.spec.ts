import { describe, expect, it } from 'vitest';

import type { ILiveEvent } from '../../tokens';
import { mergeJob } from './merge';
import type { JobRow } from './merge';

const job = (
  uid: string,
  created_at: number,
  more: Partial<JobRow> = {}
): JobRow =>
  ({
    uid,
    name: uid,
    created_at,
    version: 1,
    status: 'InProgress',
    ...more
  }) as JobRow;
const event = (type: string, data: unknown): ILiveEvent => ({
  seq: 1,
  topic: 'jobs',
  type,
  data
});

describe('a job that changed', () => {
  const list = [job('b', 2), job('a', 1)];

  it('is put in its place, newest first, within the limit', () => {
    const names = mergeJob(list, event('created', job('c', 3)), 2)?.map(
      one => one.uid
    );
    expect(names).toEqual(['c', 'b']);
  });

  it('replaces what was known, but keeps what the socket does not send', () => {
    const old = [job('a', 1, { spec: { name: 'a' } as JobRow['spec'] })];
    const got = mergeJob(
      old,
      event('updated', job('a', 1, { version: 2, status: 'Completed' })),
      5
    );
    expect(got?.[0].status).toBe('Completed');
    expect(got?.[0].spec?.name).toBe('a');
  });

  it('does not go back to an older version', () => {
    const now = [job('a', 1, { version: 5, status: 'Completed' })];
    expect(
      mergeJob(now, event('updated', job('a', 1, { version: 4 })), 5)?.[0]
        .status
    ).toBe('Completed');
  });

  it('goes when it was deleted, and asks for a new read when nothing is told', () => {
    expect(
      mergeJob(list, event('deleted', job('b', 2)), 5)?.map(one => one.uid)
    ).toEqual(['a']);
    expect(mergeJob(list, event('invalidate', {}), 5)).toBeNull();
  });
});
