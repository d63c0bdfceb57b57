import { describe, expect, it } from 'vitest';

import type { ILiveEvent, ILiveEvents, IStudioApi } from '../../tokens';
import { OpenJobs } from './openJobs';

type Row = { name: string; status: string; secondary?: string };

/** A server whose answers wait until they are let go. */
function world(): {
  jobs: OpenJobs;
  open: Map<string, Row>;
  ended: string[];
  tell: (type: string, data: unknown) => void;
  settle: () => Promise<void>;
} {
  let hear = (_: ILiveEvent): void => undefined;
  const live = {
    subscribe: (_: string, on: (event: ILiveEvent) => void) => {
      hear = on;
      return { dispose: () => undefined };
    }
  } as unknown as ILiveEvents;
  const open = new Map<string, Row>();
  const answers: (() => void)[] = [];
  const get = async (
    _: string,
    { params }: { params: { path?: { name: string } } }
  ): Promise<unknown> => {
    await new Promise<void>(resolve => answers.push(resolve));
    return { data: { name: params.path?.name, status: 'Failed' } };
  };
  const request = async (): Promise<unknown> => {
    const now = [...open.values()];
    await new Promise<void>(resolve => answers.push(resolve));
    return { json: async () => ({ items: now }) };
  };
  const api = { client: { GET: get }, request } as unknown as IStudioApi;
  const jobs = new OpenJobs(api, live);
  const ended: string[] = [];
  jobs.ended.connect((_, job) => ended.push(`${job.name} ${job.status}`));
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      answers.splice(0).forEach(answer => answer());
      await Promise.resolve();
    }
  };
  const tell = (type: string, data: unknown): void =>
    hear({ seq: 1, topic: 'jobs', type, data });
  return { jobs, open, ended, tell, settle };
}

const row = (name: string, secondary = 'Training'): Row => ({
  name,
  status: 'InProgress',
  secondary
});

describe('open jobs', () => {
  it('that ended while the list was on its way have ended', async () => {
    const { jobs, open, settle, tell } = world();
    open.set('a', row('a')).set('b', row('b'));
    const read = jobs.read();
    open.delete('a');
    tell('updated', { name: 'a', status: 'Completed' });
    await settle();
    await read;
    expect(jobs.running).toBe(1);
  });

  it('wait or run, and are counted apart', async () => {
    const { jobs, open, settle, tell } = world();
    open.set('a', row('a')).set('b', row('b', 'Pending'));
    void jobs.read();
    await settle();
    expect([jobs.running, jobs.waiting]).toEqual([1, 1]);
    tell('updated', row('b'));
    expect([jobs.running, jobs.waiting]).toEqual([2, 0]);
    tell('deleted', { name: 'b' });
    expect([jobs.running, jobs.waiting]).toEqual([1, 0]);
  });

  it('tell their end once, also when it came while the socket was away', async () => {
    const { jobs, open, ended, settle, tell } = world();
    open.set('a', row('a')).set('b', row('b'));
    void jobs.read();
    await settle();
    const done = { name: 'a', status: 'Completed', uid: 'u' };
    tell('updated', done);
    tell('updated', done);
    open.clear();
    tell('invalidate', {});
    await settle();
    expect(ended).toEqual(['a Completed', 'b Failed']);
    tell('updated', { name: 'older', status: 'Completed' });
    expect(ended).toHaveLength(2);
  });
});
