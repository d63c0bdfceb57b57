import { describe, expect, it } from 'vitest';

import type { JobRow } from './merge';
import { fits, groupJobs, movedPriority, shownAs } from './order';

const job = (name: string, more: Partial<JobRow> = {}): JobRow =>
  ({
    uid: name,
    name,
    kind: 'training',
    status: 'InProgress',
    secondary: 'Training',
    priority: 0,
    created_at: 1,
    ...more
  }) as JobRow;
const pending = (name: string, priority: number, created_at: number): JobRow =>
  job(name, { secondary: 'Pending', priority, created_at });
const names = (jobs: readonly JobRow[]): string[] => jobs.map(one => one.name);

describe('jobs by where they stand', () => {
  it('wait in the order of the agent, those that it does not know behind by priority and age', () => {
    const { waiting, running } = groupJobs(
      [
        pending('new', 0, 9),
        pending('old', 0, 1),
        pending('high', 5, 8),
        pending('second', 0, 2),
        pending('first', 0, 3),
        job('runs')
      ],
      ['first', 'second']
    );
    expect(names(waiting)).toEqual(['first', 'second', 'high', 'old', 'new']);
    expect(names(running)).toEqual(['runs']);
  });

  it('stand by their end when they ended; one that stops still runs', () => {
    const done = (name: string, ended_at: number): JobRow =>
      job(name, { status: 'Completed', secondary: 'Completed', ended_at });
    const { ended, running } = groupJobs(
      [done('a', 1), done('b', 2), job('s', { status: 'Stopping' })],
      []
    );
    expect(names(ended)).toEqual(['b', 'a']);
    expect(names(running)).toEqual(['s']);
  });

  it('are shown as pending while they wait', () => {
    expect(shownAs(pending('a', 0, 1))).toBe('Pending');
    expect(shownAs(job('a'))).toBe('InProgress');
  });
});

describe('a search', () => {
  it('finds all its words in any order, without a specification too', () => {
    const one = job('churn-2026', {
      spec: {
        instance_type: 'ml.m5.large',
        experiment_config: { experiment_name: 'Spring' }
      } as JobRow['spec']
    });
    expect(fits(one, 'spring CHURN m5')).toBe(true);
    expect(fits(one, 'spring missing')).toBe(false);
    expect(fits(job('bare'), 'bare train')).toBe(true);
    expect(fits(one, '  ')).toBe(true);
  });
});

describe('a move in the queue', () => {
  const waiting = [pending('a', 3, 1), pending('b', 0, 2), pending('c', 0, 3)];

  it('passes the neighbour', () => {
    expect(movedPriority(waiting, 'b', true)).toBe(4);
    expect(movedPriority(waiting, 'a', false)).toBe(-1);
    expect(movedPriority(waiting, 'c', true)).toBe(1);
  });

  it('ends at the ends, and at the bounds of a priority', () => {
    expect(movedPriority(waiting, 'a', true)).toBeNull();
    expect(movedPriority(waiting, 'c', false)).toBeNull();
    expect(movedPriority(waiting, 'gone', true)).toBeNull();
    const top = [pending('a', 100, 1), pending('b', 0, 2)];
    expect(movedPriority(top, 'b', true)).toBeNull();
  });
});
