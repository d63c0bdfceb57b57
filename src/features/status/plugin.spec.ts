import '../../components/common/dom.fixture';

import { expect, it } from 'vitest';

import type { ILiveEvent, ILiveEvents, IStudioApi } from '../../tokens';
import { RunningJobs } from './plugin';

it('counts a job that ended while the list was on its way as ended', async () => {
  let tell = (_: ILiveEvent): void => undefined;
  const live = {
    subscribe: (_: string, on: (event: ILiveEvent) => void) => {
      tell = on;
      return { dispose: () => undefined };
    }
  } as unknown as ILiveEvents;
  const running = new Set(['a', 'b']);
  const answers: (() => void)[] = [];
  const api = {
    client: {
      GET: async (
        _: string,
        { params }: { params: { query: { status: string } } }
      ) => {
        const names = params.query.status === 'InProgress' ? [...running] : [];
        await new Promise<void>(resolve => answers.push(resolve));
        return { data: { items: names.map(name => ({ name })) } };
      }
    }
  } as unknown as IStudioApi;
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      answers.splice(0).forEach(answer => answer());
      await Promise.resolve();
    }
  };

  const jobs = new RunningJobs(api, live);
  const read = jobs.read();
  running.delete('a');
  const data = { name: 'a', status: 'Completed' };
  tell({ seq: 1, topic: 'jobs', type: 'updated', data });
  await settle();
  await read;
  expect(jobs.count).toBe(1);
});
