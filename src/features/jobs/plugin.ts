/** Jobs: the sidebar's section and the commands that stop and clear. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { numberSettings } from '../../components/common/settings';
import type { IStudioServices } from '../../components/common/view';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';

const ID = 'mlstudio:jobs';
const STOP = 'mlstudio:stop-job';
const DELETE_FINISHED = 'mlstudio:delete-finished';

function activate(
  app: JupyterFrontEnd,
  api: IStudioApi,
  live: ILiveEvents | null,
  panels: IPanelRegistry | null,
  palette: ICommandPalette | null,
  themes: IThemeManager | null,
  settings: ISettingRegistry | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  const setting = numberSettings(settings, ID);
  const services: IStudioServices = {
    api,
    live,
    trans,
    commands: app.commands,
    themes
  };
  app.commands.addCommand(STOP, {
    label: trans.__('Stop Job'),
    caption: trans.__('Ask a running job to stop and to save its work'),
    isEnabled: args => typeof args.name === 'string',
    describedBy: {
      args: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' } }
      }
    },
    execute: async args => {
      if (typeof args.name !== 'string') {
        return null;
      }
      const { stopJob } = await import('./actions');
      return stopJob(services, args.name, await setting('stopGrace', 120));
    }
  });
  app.commands.addCommand(DELETE_FINISHED, {
    label: trans.__('Delete Finished Jobs…'),
    caption: trans.__('Remove folders and logs of jobs that have ended'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => (await import('./actions')).deleteFinished(services)
  });
  palette?.addItem({ command: DELETE_FINISHED, category: trans.__('ML') });
  panels?.register({
    id: 'jobs',
    title: trans.__('Recent jobs'),
    icon: jobsIcon,
    rank: 20,
    render: async () => {
      const { createJobsSection } = await import('./panel');
      return createJobsSection(services, await setting('recent', 10));
    }
  });
}

export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Recent jobs and the commands that stop and clear them.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    ILiveEvents,
    IPanelRegistry,
    ICommandPalette,
    IThemeManager,
    ISettingRegistry,
    ITranslator
  ],
  activate
};
