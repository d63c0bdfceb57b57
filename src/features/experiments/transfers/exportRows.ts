/** Rows as a file: a task of the server, its progress in a notification, the file when it is done. */
import { Notification } from '@jupyterlab/apputils';
import type { JSONObject } from '@lumino/coreutils';

import { unwrap } from '../../../api/client';
import { bannerOf } from '../../../api/errors';
import type { Schemas } from '../../../api/types';
import type { IStudioServices } from '../../../components/common';
import { readTask, stopTask } from './task';
import { isOpen, taskOf } from './taskState';
import type { TaskRecord } from './taskState';

const POLL_MS = 2000;
/** Questions in a row that were not answered, half a minute of them. */
const MOST_FAILED = 15;

/** Follow a task until it ends; `on` hears of every change. */
async function follow(
  services: IStudioServices,
  first: TaskRecord,
  on: (task: TaskRecord) => void
): Promise<TaskRecord> {
  const { api, live, trans } = services;
  let task = first;
  let failed = 0;
  let wake = (): void => undefined;
  const held = live?.subscribe(`task:${task.uid}`, event => {
    const news = taskOf(event.data);
    if (news) {
      task = news;
      wake();
    }
  });
  try {
    while (isOpen(task)) {
      on(task);
      let timer = 0;
      const told = await new Promise<boolean>(resolve => {
        wake = () => resolve(true);
        timer = window.setTimeout(() => resolve(false), POLL_MS);
      });
      window.clearTimeout(timer);
      if (told) {
        continue;
      }
      try {
        task = await readTask(api, task.uid);
        failed = 0;
      } catch (error) {
        // The task goes on without us: a server that is away for a moment ends nothing.
        failed += 1;
        if (failed === MOST_FAILED || !bannerOf(error, trans).retry) {
          throw error;
        }
      }
    }
  } finally {
    held?.dispose();
  }
  return task;
}

function download(services: IStudioServices, uid: string): void {
  const link = document.createElement('a');
  link.href = services.api.url(`tasks/${encodeURIComponent(uid)}/content`);
  link.download = '';
  link.click();
}

/** What to say when it is over. */
function ending(
  services: IStudioServices,
  task: TaskRecord
): { message: string; type: 'success' | 'warning' | 'error' } {
  const { trans } = services;
  if (task.status === 'Failed') {
    return {
      message: trans.__('Export failed: %1', task.message.slice(0, 300)),
      type: 'error'
    };
  }
  if (task.status === 'Stopped') {
    return { message: trans.__('The export was stopped.'), type: 'warning' };
  }
  const left = task.report?.skipped.length ?? 0;
  const runs = task.report?.runs ?? 0;
  const said = trans._n('%1 row was exported.', '%1 rows were exported.', runs);
  return left === 0
    ? { message: said, type: 'success' }
    : {
        message: `${said} ${trans._n('%1 thing was left out.', '%1 things were left out.', left)}`,
        type: 'warning'
      };
}

/** Export what the request asks for. */
export async function exportRows(
  services: IStudioServices,
  request: JSONObject
): Promise<void> {
  const { api, trans } = services;
  const id = Notification.emit(trans.__('Exporting…'), 'in-progress', {
    autoClose: false
  });
  try {
    const body = request as unknown as Schemas['ExportRequest'];
    const first = unwrap(await api.client.POST('/exports', { body }));
    const actions = [
      {
        label: trans.__('Stop'),
        callback: () => {
          stopTask(api, first.uid).catch((error: unknown) => {
            Notification.error(bannerOf(error, trans).text);
          });
        }
      }
    ];
    const task = await follow(services, first, now => {
      Notification.update({
        id,
        message: trans.__('Exporting… %1', now.message.slice(0, 100)),
        actions,
        ...(now.total ? { progress: now.done / now.total } : {})
      });
    });
    const { message, type } = ending(services, task);
    Notification.update({ id, message, type, autoClose: 8000, actions: [] });
    if (task.status === 'Completed' && task.download) {
      download(services, task.uid);
    }
  } catch (error) {
    const banner = bannerOf(error, trans);
    const message = trans.__('Export failed: %1', banner.text);
    Notification.update({
      id,
      message,
      type: 'error',
      autoClose: 15000,
      actions: []
    });
  }
}
