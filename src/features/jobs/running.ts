/** Open jobs as a section of Lab's Running panel: a click opens one, its cross stops it. */
import type { IRunningSessions } from '@jupyterlab/running';
import type { TranslationBundle } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import type { IOpenJob, OpenJobs } from '../../components/common/openJobs';
import { jobsIcon } from '../../icons';
import { stepText } from './words';

interface ISectionOptions {
  readonly jobs: OpenJobs;
  readonly trans: TranslationBundle;
  readonly commands: CommandRegistry;
  /** Stop all of these; the panel has asked already. */
  readonly stopAll: (names: readonly string[]) => void;
}

/** What Lab's Running panel asks for. */
export function runningJobs(
  options: ISectionOptions
): IRunningSessions.IManager {
  const { jobs, trans, commands } = options;
  const item = (job: IOpenJob): IRunningSessions.IRunningItem => ({
    icon: () => jobsIcon,
    label: () => job.name,
    labelTitle: () => `${job.name}\n${job.status_message ?? ''}`.trim(),
    detail: () => stepText(job.secondary, trans),
    open: () => {
      void commands.execute('mlstudio:open-job', { name: job.name });
    },
    shutdown: () => {
      void commands.execute('mlstudio:stop-job', { name: job.name });
    }
  });
  return {
    name: trans.__('Jobs'),
    running: () => jobs.jobs.map(item),
    refreshRunning: () => {
      void jobs.read().catch(() => undefined);
    },
    runningChanged: jobs.changed,
    shutdownAll: () => options.stopAll(jobs.jobs.map(job => job.name)),
    shutdownLabel: trans.__('Stop'),
    shutdownAllLabel: trans.__('Stop All'),
    shutdownAllConfirmationText: trans.__(
      'All jobs, those that wait too, are told to stop and have time to save their work.'
    ),
    shutdownItemIcon: stopIcon
  };
}
