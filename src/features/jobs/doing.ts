/** What the pages and commands do to jobs beyond stopping one and clearing all. */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';

import { unwrap } from '../../api/client';
import { bannerOf } from '../../api/errors';
import type { JobRecord, Schemas } from '../../api/types';
import { studioQueryClient } from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { codeOf } from './code';

/** Names that a question lists before it only counts. */
const LISTED = 5;

function refresh(): void {
  void studioQueryClient.invalidateQueries({ queryKey: ['jobs'] });
  void studioQueryClient.invalidateQueries({ queryKey: ['agent'] });
}

/** Say why something did not work. */
function complain(
  services: IStudioServices,
  what: string,
  error: unknown
): void {
  const { text, hint } = bannerOf(error, services.trans);
  Notification.error(`${what}: ${text} ${hint}`.trim().slice(0, 500));
}

async function sure(
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

function listed(names: readonly string[]): string {
  const some = names.slice(0, LISTED).map(name => `“${name}”`);
  return names.length > LISTED ? `${some.join(', ')}, …` : some.join(', ');
}

/** Do something to each; returns how many times it worked. Complains once. */
async function each(
  services: IStudioServices,
  names: readonly string[],
  what: string,
  act: (name: string) => Promise<unknown>
): Promise<number> {
  const results = await Promise.allSettled(names.map(act));
  const failed = results.flatMap(one =>
    one.status === 'rejected' ? [one.reason as unknown] : []
  );
  if (failed.length > 0) {
    complain(services, `${what} (${failed.length})`, failed[0]);
  }
  refresh();
  return names.length - failed.length;
}

function stop(
  services: IStudioServices,
  name: string,
  grace: number
): Promise<unknown> {
  return services.api.client.POST('/jobs/{name}/stop', {
    params: { path: { name } },
    body: { grace, reason: 'user' }
  });
}

/** Ask once, then stop several jobs. */
export async function stopJobs(
  services: IStudioServices,
  names: readonly string[],
  grace: number
): Promise<void> {
  const { trans } = services;
  const ask = trans._n('Stop %1 job?', 'Stop %1 jobs?', names.length);
  const body = trans.__(
    '%1: told to stop, and ended after %2 seconds if not by themselves.',
    listed(names),
    grace
  );
  if (await sure(services, ask, body, trans.__('Stop'))) {
    await stopAsked(services, names, grace);
  }
}

/** Stop several jobs; the question was asked elsewhere. */
export async function stopAsked(
  services: IStudioServices,
  names: readonly string[],
  grace: number
): Promise<void> {
  await each(services, names, services.trans.__('Not stopped'), name =>
    stop(services, name, grace)
  );
}

/** End a job that was told to stop, without the rest of its time. */
export async function stopNow(
  services: IStudioServices,
  name: string
): Promise<void> {
  await each(services, [name], services.trans.__('Not stopped'), one =>
    stop(services, one, 0)
  );
}

/** Ask once, then delete ended jobs; whether they were deleted. */
export async function deleteJobs(
  services: IStudioServices,
  names: readonly string[]
): Promise<boolean> {
  const { trans, api } = services;
  const ask = trans._n('Delete %1 job?', 'Delete %1 jobs?', names.length);
  const body = trans.__(
    '%1: folder and log are removed, and nothing brings them back. What was recorded in the experiment stays.',
    listed(names)
  );
  if (!(await sure(services, ask, body, trans.__('Delete')))) {
    return false;
  }
  const done = await each(services, names, trans.__('Not deleted'), name =>
    api.client.DELETE('/jobs/{name}', { params: { path: { name } } })
  );
  return done === names.length;
}

/** Move a waiting job in the queue. */
export async function setPriority(
  services: IStudioServices,
  name: string,
  priority: number
): Promise<void> {
  await each(services, [name], services.trans.__('Not moved'), one =>
    services.api.client.PATCH('/jobs/{name}', {
      params: { path: { name: one } },
      body: { priority }
    })
  );
}

/** Run a job once more; throws what the API throws, for the form to show. */
export async function rerun(
  services: IStudioServices,
  name: string,
  changes: Schemas['JobChanges']
): Promise<JobRecord> {
  const job = unwrap(
    await services.api.client.POST('/jobs/{name}/rerun', {
      params: { path: { name } },
      body: changes
    })
  );
  refresh();
  return job;
}

/** Start the agent of this home. */
export async function startAgent(services: IStudioServices): Promise<void> {
  const reply = unwrap(await services.api.client.POST('/agent/start', {}));
  studioQueryClient.setQueryData(['agent'], reply);
  refresh();
}

/** Put the code that submits the same job into a notebook. */
export async function cloneJob(
  services: IStudioServices,
  name: string
): Promise<void> {
  try {
    const params = { path: { name } };
    const job = unwrap(
      await services.api.client.GET('/jobs/{name}', { params })
    );
    await services.commands.execute('mlstudio:insert-code', {
      code: codeOf(job)
    });
  } catch (error) {
    complain(services, services.trans.__('Not cloned'), error);
  }
}
