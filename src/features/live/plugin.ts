/** Provides the one socket; it is opened at the first subscription. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { LiveEvents } from '../../api/events';
import { ILiveEvents, IStudioApi } from '../../tokens';

export const livePlugin: JupyterFrontEndPlugin<ILiveEvents> = {
  id: 'mlstudio:live',
  description: 'Live events of experiments, components, jobs and logs.',
  autoStart: true,
  requires: [IStudioApi],
  provides: ILiveEvents,
  activate: (app: JupyterFrontEnd, api: IStudioApi): ILiveEvents =>
    new LiveEvents({
      settings: app.serviceManager.serverSettings,
      why: () => api.checkVersion()
    })
};
