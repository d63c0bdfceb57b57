/** Moving the trials that rows belong to into another experiment. */
import { Notification } from '@jupyterlab/apputils';

import { unwrap } from '../../../api/client';
import { bannerOf } from '../../../api/errors';
import type { IStudioServices } from '../../../components/common';
import { bulk, each } from './bulk';

/** The trials of these rows, each with the experiment that it is in. */
async function trialsOf(
  services: IStudioServices,
  names: readonly string[]
): Promise<Map<string, string>> {
  const { client } = services.api;
  const trials = new Map<string, string>();
  const { error } = await each(names, async name => {
    const params = { path: { name } };
    const record = unwrap(
      await client.GET('/trial-components/{name}', { params })
    );
    for (const { trial_name, experiment_name } of record.trials ?? []) {
      trials.set(trial_name, experiment_name);
    }
  });
  if (error !== null) {
    throw error;
  }
  return trials;
}

/** Ask where to, and move; a trial goes with all of its components. */
export async function moveRows(
  services: IStudioServices,
  names: readonly string[],
  settled: () => void
): Promise<void> {
  const { trans, api } = services;
  try {
    const trials = await trialsOf(services, names);
    if (trials.size === 0) {
      Notification.info(trans.__('These rows belong to no trial.'));
      return;
    }
    const { chooseExperiment } = await import('../actions');
    const title = trans._n(
      'Move the trial of these rows, with all in it',
      'Move %1 trials, with all in them',
      trials.size
    );
    const to = await chooseExperiment(services, title, trans.__('Move'));
    if (to === null) {
      return;
    }
    const move = async (name: string, experiment: string): Promise<void> => {
      const params = { path: { name } };
      const body = { experiment_name: experiment };
      await api.client.PATCH('/trials/{name}', { params, body });
    };
    const moving = [...trials].filter(([, home]) => home !== to);
    await bulk(
      services,
      moving.map(([name]) => name),
      {
        doing: trans.__('Moving'),
        done: n => trans._n('%1 trial moved.', '%1 trials moved.', n),
        work: name => move(name, to),
        undo: name => move(name, trials.get(name) ?? to),
        settled
      }
    );
  } catch (error) {
    Notification.error(bannerOf(error, trans).text);
  }
}
