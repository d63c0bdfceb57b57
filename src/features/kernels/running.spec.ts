import '../../components/common/dom.fixture';

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Kernel } from '@jupyterlab/services';
import type { IRunningSessions } from '@jupyterlab/running';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it, vi } from 'vitest';

import { runningManager, runningShown } from './running';
import type { KernelsUsage } from './usage';
import type { KernelUsage } from './words';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const trans = nullTranslator.load('mlstudio');
const kernels: KernelUsage[] = [
  {
    kernel_id: 'a',
    name: 'python3',
    path: 'x/a.ipynb',
    instance: {
      instance_type: 'ml.m5.large',
      wanted: 'ml.m5.large',
      vcpu: 2,
      memory_mib: 8192,
      host_memory_mib: 16384,
      gpus: ['g'],
      notices: []
    },
    cpu_percent: 50,
    rss: 1e6,
    gpu_memory: 2e9
  },
  {
    kernel_id: 'b',
    name: 'other',
    path: '',
    instance: null,
    cpu_percent: null,
    rss: null,
    gpu_memory: null
  }
];

function world() {
  const read = vi.fn().mockResolvedValue(undefined);
  const shutdown = vi.fn().mockResolvedValue(undefined);
  const open = vi.fn();
  const manager = runningManager(
    { kernels, read, changed: {} } as unknown as KernelsUsage,
    { shutdown } as unknown as Kernel.IManager,
    open,
    trans
  );
  return { manager, read, shutdown, open };
}

/** What stands in the two halves of an item. */
function text(item: IRunningSessions.IRunningItem | undefined): string[] {
  const host = document.createElement('div');
  const root = createRoot(host);
  React.act(() => root.render(item?.label()));
  const halves = [...host.querySelectorAll('span')];
  const found = halves.map(half => half.textContent ?? '');
  React.act(() => root.unmount());
  return found;
}

describe('the Running panel', () => {
  it('shows what each kernel uses and runs on', () => {
    const [first, second] = world().manager.running({ mode: 'list' });
    expect(text(first)).toEqual(['a.ipynb', '1.0 MB · 50 % · 2.0 GB GPU']);
    expect(first?.labelTitle?.().split('\n')).toEqual([
      'x/a.ipynb',
      '1.0 MB · 50 % CPU · 2.0 GB GPU',
      'The kernel runs on ml.m5.large',
      '2 vCPU + 8 GiB + 1 GPU'
    ]);
    expect(text(second)).toEqual(['other', '']);
    expect(second?.open).toBeUndefined();
  });

  it('opens notebooks, ends kernels and looks again', async () => {
    const { manager, open, shutdown, read } = world();
    const [first] = manager.running({ mode: 'list' });
    first?.open?.();
    expect(open).toHaveBeenCalledWith('x/a.ipynb');
    first?.shutdown?.();
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1));
    expect(shutdown).toHaveBeenCalledWith('a');
    manager.shutdownAll();
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(3));
    manager.refreshRunning();
    expect(read).toHaveBeenCalledTimes(4);
  });

  it('is shown where it stands and can be seen', () => {
    const shell = (isVisible: boolean, id = 'jp-running-sessions') =>
      ({
        widgets: (area: string) => (area === 'left' ? [{ id, isVisible }] : [])
      }) as unknown as JupyterFrontEnd.IShell;
    expect(runningShown(shell(true))).toBe(true);
    expect(runningShown(shell(false))).toBe(false);
    expect(runningShown(shell(true, 'filebrowser'))).toBe(false);
  });
});
