import '../../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { IStudioServices } from '../../../components/common';
import { exportRows } from './exportRows';

const task = (status: string) => ({
  uid: 't1',
  status,
  message: 'rows read',
  done: 1,
  total: 2,
  report: null,
  download: false
});

/** A server whose answers to questions after the task are these, an error or a status. */
function world(answers: readonly (StudioError | string)[]) {
  const left = [...answers];
  const client = {
    POST: async () => ({ data: task('InProgress') }),
    GET: vi.fn(async () => {
      const next = left.length > 1 ? left.shift() : left[0];
      if (next instanceof StudioError) {
        throw next;
      }
      return { data: task(next ?? '') };
    }),
    DELETE: async () => {
      throw new StudioError('network', 'gone');
    }
  };
  return {
    client,
    services: {
      trans: nullTranslator.load('mlstudio'),
      api: { client },
      live: null
    } as unknown as IStudioServices
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Notification, 'emit').mockReturnValue('n');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const away = new StudioError('network', 'gone');

it('goes on when some questions were not answered', async () => {
  const update = vi.spyOn(Notification, 'update').mockReturnValue(true);
  const { services } = world([away, away, 'InProgress', away, 'Stopped']);
  const ended = exportRows(services, {});
  await vi.advanceTimersByTimeAsync(30_000);
  await ended;
  expect(update.mock.calls.at(-1)?.[0]).toMatchObject({
    type: 'warning',
    actions: []
  });
});

it('ends when the server stays away, or has no such task, and offers no stop then', async () => {
  for (const [error, asked] of [
    [away, 15],
    [new StudioError('not_found', 'gone'), 1]
  ] as const) {
    const update = vi.spyOn(Notification, 'update').mockReturnValue(true);
    const { services, client } = world([error]);
    const ended = exportRows(services, {});
    await vi.advanceTimersByTimeAsync(60_000);
    await ended;
    expect(client.GET).toHaveBeenCalledTimes(asked);
    expect(update.mock.calls.at(-1)?.[0]).toMatchObject({
      type: 'error',
      actions: []
    });
  }
});

it('says when it could not be stopped', async () => {
  const update = vi.spyOn(Notification, 'update').mockReturnValue(true);
  const said = vi.spyOn(Notification, 'error').mockReturnValue('');
  const { services } = world(['Completed']);
  const ended = exportRows(services, {});
  await vi.advanceTimersByTimeAsync(100);
  update.mock.calls[0][0].actions?.[0].callback(new MouseEvent('click'));
  await vi.advanceTimersByTimeAsync(5000);
  await ended;
  expect(said).toHaveBeenCalledTimes(1);
});
