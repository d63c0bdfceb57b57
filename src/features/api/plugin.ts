/** Provides the typed client. Makes no request. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { StudioApi } from '../../api/client';
import { IStudioApi } from '../../tokens';

export const apiPlugin: JupyterFrontEndPlugin<IStudioApi> = {
  id: 'mlstudio:api',
  description: 'The typed client of the mlstudio server.',
  autoStart: true,
  provides: IStudioApi,
  activate: (app: JupyterFrontEnd): IStudioApi =>
    new StudioApi(app.serviceManager.serverSettings)
};
