/**
 * Kernels: the instance button of notebooks, and what kernels use in the Running panel and status bar.
 *
 * Nothing of it is loaded before there is a notebook or a kernel.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { numberSettings } from '../../components/common/settings';
import { IStudioApi } from '../../tokens';
import { buttonHolder, onFirstKernel } from './starting';

const ID = 'mlstudio:kernels';

function activate(
  app: JupyterFrontEnd,
  api: IStudioApi,
  toolbars: IToolbarWidgetRegistry | null,
  notebooks: INotebookTracker | null,
  running: IRunningSessionManagers | null,
  statusBar: IStatusBar | null,
  settings: ISettingRegistry | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  toolbars?.addFactory<NotebookPanel>('Notebook', 'mlstudio-instance', panel =>
    buttonHolder(api, panel, trans)
  );
  onFirstKernel(app.serviceManager.kernels, () => {
    const seconds = numberSettings(settings, ID);
    void import('./watching').then(({ watch }) =>
      watch(app, { api, trans, notebooks, running, statusBar, seconds })
    );
  });
}

export const kernelsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'What kernels run on and what they use.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    IToolbarWidgetRegistry,
    INotebookTracker,
    IRunningSessionManagers,
    IStatusBar,
    ISettingRegistry,
    ITranslator
  ],
  activate
};
