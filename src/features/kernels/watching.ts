/** The section of the Running panel and the status bar item; loaded when the first kernel runs. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRunningSessionManagers } from '@jupyterlab/running';
import type { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStudioApi } from '../../tokens';
import { runningManager, runningShown } from './running';
import { KernelItem } from './statusItem';
import { KernelsUsage } from './usage';

interface IPlaces {
  readonly api: IStudioApi;
  readonly trans: TranslationBundle;
  readonly notebooks: INotebookTracker | null;
  readonly running: IRunningSessionManagers | null;
  readonly statusBar: IStatusBar | null;
  /** A number of the plugin's settings. */
  readonly seconds: (key: string, fallback: number) => Promise<number>;
}

/** Show what kernels use wherever Lab has a place for it. */
export function watch(app: JupyterFrontEnd, places: IPlaces): KernelsUsage {
  const { api, trans, notebooks, running, statusBar } = places;
  const usage = new KernelsUsage(api, () => places.seconds('seconds', 3));
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
    statusBar.registerStatusItem('mlstudio:kernels', {
      item,
      align: 'left',
      rank: 21,
      isActive: () => item.active,
      activeStateChanged: item.activeChanged
    });
    usage.lookFor(() => item.looking);
  }
  return usage;
}
