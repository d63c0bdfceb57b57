/** What the jobs commands do; loaded when one is first used. */
import {
  Dialog,
  Notification,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';

import { unwrap } from '../../api/client';
import { bannerOf } from '../../api/errors';
import type { JobRecord } from '../../api/types';
import {
  formatBytes,
  formatDuration,
  studioQueryClient
} from '../../components/common';
import type { IStudioServices } from '../../components/common';

const ENDED = ['Completed', 'Failed', 'Stopped'] as const;

async function confirm(
  services: IStudioServices,
  title: string,
  body: string,
  verb: string
): Promise<boolean> {
  const { trans } = services;
  const answer = await showDialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: verb })
    ]
  });
  return answer.button.accept;
}

/** Ask once, then stop a job: SIGTERM, and SIGKILL after `grace` seconds. */
export async function stopJob(
  services: IStudioServices,
  name: string,
  grace: number
): Promise<JobRecord | null> {
  const { api, trans } = services;
  const sure = await confirm(
    services,
    trans.__('Stop this job?'),
    trans.__(
      '“%1” is told to stop and has %2 to save its work.',
      name,
      formatDuration(1000 * grace)
    ),
    trans.__('Stop')
  );
  if (!sure) {
    return null;
  }
  try {
    const job = unwrap(
      await api.client.POST('/jobs/{name}/stop', {
        params: { path: { name } },
        body: { grace, reason: 'user' }
      })
    );
    void studioQueryClient.invalidateQueries({ queryKey: ['jobs'] });
    return job;
  } catch (error) {
    const banner = bannerOf(error, trans);
    await showErrorMessage(
      trans.__('The job could not be stopped'),
      `${banner.text} ${banner.hint}`.trim()
    );
    return null;
  }
}

async function countEnded(services: IStudioServices): Promise<number> {
  let count = 0;
  for (const status of ENDED) {
    let cursor: string | undefined;
    do {
      const page = unwrap(
        await services.api.client.GET('/jobs', {
          params: { query: { status, limit: 1000, cursor } }
        })
      );
      count += page.items.length;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }
  return count;
}

/** Delete the files and records of all jobs that have ended; their trial components stay. */
export async function deleteFinished(services: IStudioServices): Promise<void> {
  const { api, trans } = services;
  try {
    const count = await countEnded(services);
    if (count === 0) {
      Notification.info(trans.__('No job has ended.'));
      return;
    }
    const sure = await confirm(
      services,
      trans.__('Delete finished jobs?'),
      trans._n(
        'The folder and the log of %1 job are removed. What it recorded in its experiment stays.',
        'The folders and the logs of %1 jobs are removed. What they recorded in their experiments stays.',
        count
      ),
      trans.__('Delete')
    );
    if (!sure) {
      return;
    }
    const { deleted, freed } = unwrap(
      await api.client.POST('/jobs/delete-finished', { body: {} })
    );
    Notification.success(
      trans._n(
        '%1 job was deleted, %2 of disk are free.',
        '%1 jobs were deleted, %2 of disk are free.',
        deleted,
        formatBytes(freed)
      ),
      { autoClose: 8000 }
    );
  } catch (error) {
    const { text, hint } = bannerOf(error, trans);
    Notification.error(
      trans.__('Finished jobs were not deleted: %1', `${text} ${hint}`.trim())
    );
  } finally {
    void studioQueryClient.invalidateQueries({ queryKey: ['jobs'] });
  }
}
