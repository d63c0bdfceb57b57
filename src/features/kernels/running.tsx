/** Lab's Running panel: what each kernel runs on and what it uses. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IRunningSessions } from '@jupyterlab/running';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { instanceIcon } from './icon';
import type { KernelsUsage } from './usage';
import { instanceText, instanceTitle, kernelName, usageText } from './words';
import type { KernelUsage } from './words';

const PANEL = 'jp-running-sessions';

/** Whether the Running panel can be seen now. */
export function runningShown(shell: JupyterFrontEnd.IShell): boolean {
  return ['left', 'right'].some(area =>
    [...shell.widgets(area)].some(one => one.id === PANEL && one.isVisible)
  );
}

/** One kernel as an item: its name, its use, and its size in the tooltip. */
export function runningItem(
  kernel: KernelUsage,
  trans: TranslationBundle,
  open: () => void,
  shutdown: () => void
): IRunningSessions.IRunningItem {
  const { instance } = kernel;
  const use = usageText(kernel, trans);
  return {
    icon: () => instanceIcon,
    className: 'jp-Mlstudio-kerneluse',
    label: () => (
      <>
        <span>{kernelName(kernel)}</span>
        <span>{usageText(kernel, trans, true)}</span>
      </>
    ),
    labelTitle: () =>
      [
        kernel.path || kernel.name,
        use,
        instance && instanceTitle(instance, trans).split('\n')[0],
        instance && instanceText(instance, trans)
      ]
        .filter(Boolean)
        .join('\n'),
    context: kernel.kernel_id,
    open: kernel.path === '' ? undefined : open,
    shutdown
  };
}

/** The section "Kernel use". */
export function runningManager(
  usage: KernelsUsage,
  kernels: Kernel.IManager,
  open: (path: string) => void,
  trans: TranslationBundle
): IRunningSessions.IManager {
  const end = (id: string): void =>
    void kernels
      .shutdown(id)
      .catch(() => undefined)
      .then(() => usage.read());
  return {
    name: trans.__('Kernel use'),
    running: () =>
      usage.kernels.map(one =>
        runningItem(
          one,
          trans,
          () => open(one.path),
          () => end(one.kernel_id)
        )
      ),
    shutdownAll: () => usage.kernels.forEach(one => end(one.kernel_id)),
    refreshRunning: () => void usage.read(),
    runningChanged: usage.changed,
    shutdownLabel: trans.__('Shut Down Kernel'),
    shutdownAllLabel: trans.__('Shut Down All'),
    shutdownAllConfirmationText: trans.__(
      'Are you sure you want to permanently shut down all running kernels?'
    )
  };
}
