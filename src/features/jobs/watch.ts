/** What stands outside the panels while there are jobs: Lab's Running panel, and a word when one ends. */
import type { IRunningSessionManagers } from '@jupyterlab/running';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { IStudioServices } from '../../components/common';
import type { IOpenJob, OpenJobs } from '../../components/common/openJobs';
import { stopAsked } from './doing';
import { EndTeller, isNews } from './notify';
import type { Told } from './notify';
import { runningJobs } from './running';

interface IWatchOptions {
  readonly jobs: OpenJobs;
  readonly services: IStudioServices;
  readonly managers: IRunningSessionManagers | null;
  readonly settings: ISettingRegistry | null;
  readonly setting: (key: string, fallback: number) => Promise<number>;
}

/** Begin; `ended` is a job whose end was heard before this was here. */
export function watch(options: IWatchOptions, ended: IOpenJob | null): void {
  const { jobs, services, managers, settings, setting } = options;
  const teller = new EndTeller(services);
  const tell = async (job: IOpenJob): Promise<void> => {
    const loaded = await settings?.load('mlstudio:jobs').catch(() => null);
    const told = loaded?.composite.notify as Told | undefined;
    if (isNews(job, told ?? 'all')) {
      teller.add(job);
    }
  };
  jobs.ended.connect((_, job) => void tell(job));
  if (ended !== null) {
    void tell(ended);
  }
  const stopAll = async (names: readonly string[]): Promise<void> =>
    stopAsked(services, names, await setting('stopGrace', 120));
  managers?.add(
    runningJobs({
      jobs,
      trans: services.trans,
      commands: services.commands,
      stopAll: names => void stopAll(names)
    })
  );
}
