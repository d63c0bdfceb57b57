/** Kernels: the instance button of notebooks, and what kernels use in the Running panel and status bar. */
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
import { InstanceButton } from './button';
import { runningManager, runningShown } from './running';
import { KernelItem } from './statusItem';
import { KernelsUsage } from './usage';

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
  toolbars?.addFactory<NotebookPanel>(
    'Notebook',
    'mlstudio-instance',
    panel => new InstanceButton(api, panel, trans)
  );
  const setting = numberSettings(settings, ID);
  const usage = new KernelsUsage(api, () => setting('seconds', 3));
  if (running !== null) {
    const open = (path: string): void =>
      void app.commands.execute('docmanager:open', { path });
    const { kernels } = app.serviceManager;
    running.add(runningManager(usage, kernels, open, trans));
    usage.lookFor(() => runningShown(app.shell));
  }
  if (statusBar !== null && notebooks !== null) {
    const item = new KernelItem(usage, notebooks, trans, () =>
      app.shell.activateById('jp-running-sessions')
    );
    statusBar.registerStatusItem(ID, {
      item,
      align: 'left',
      rank: 21,
      isActive: () => item.active,
      activeStateChanged: item.activeChanged
    });
    usage.lookFor(() => item.looking);
  }
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
