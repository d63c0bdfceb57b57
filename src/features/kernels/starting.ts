/** What stands from Lab's start on: it waits, and loads the rest when there is a notebook or a kernel. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel } from '@lumino/widgets';

import type { IStudioApi } from '../../tokens';

/** A toolbar item that becomes the instance button of a notebook. */
export function buttonHolder(
  api: IStudioApi,
  panel: NotebookPanel,
  trans: TranslationBundle
): Panel {
  const holder = new Panel();
  holder.addClass('jp-Mlstudio-instance');
  void import('./button').then(({ InstanceButton }) => {
    if (!holder.isDisposed) {
      holder.addWidget(new InstanceButton(api, panel, trans));
    }
  });
  return holder;
}

/** Call `act` once, when a kernel runs. */
export function onFirstKernel(
  kernels: Pick<Kernel.IManager, 'running' | 'runningChanged'>,
  act: () => void
): void {
  const look = (): void => {
    if (kernels.running().next().done !== true) {
      kernels.runningChanged.disconnect(look);
      act();
    }
  };
  kernels.runningChanged.connect(look);
  look();
}
