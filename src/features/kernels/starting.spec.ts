import '../../components/common/dom.fixture';

import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../api/errors';
import type { IStudioApi } from '../../tokens';
import { buttonHolder, onFirstKernel } from './starting';

const trans = nullTranslator.load('mlstudio');
const instance = {
  instance_type: 'ml.t3.medium',
  wanted: 'ml.t3.medium',
  vcpu: 2,
  memory_mib: 4096,
  host_memory_mib: 9999,
  gpus: [],
  notices: []
};

function apiOf() {
  const GET = vi.fn().mockResolvedValue({ data: instance });
  return { GET, api: { client: { GET } } as unknown as IStudioApi };
}

/** A notebook whose kernel may change. */
function panelOf(id: string | undefined) {
  const sessionContext = {
    session: id === undefined ? null : { kernel: { id } },
    kernelChanged: new Signal<object, unknown>({}),
    statusChanged: new Signal<object, string>({})
  };
  return {
    sessionContext,
    panel: {
      sessionContext,
      context: { model: {} }
    } as unknown as NotebookPanel
  };
}

describe('at start', () => {
  // Lab's packages take seconds to be transformed, which is not what is tested.
  beforeAll(async () => void (await import('./button')), 30000);

  it('waits for the first kernel, and acts once', () => {
    const ids: Kernel.IModel[] = [];
    const kernels = {
      running: () => ids.values(),
      runningChanged: new Signal<Kernel.IManager, Kernel.IModel[]>(
        {} as Kernel.IManager
      )
    };
    const act = vi.fn();
    onFirstKernel(kernels, act);
    kernels.runningChanged.emit([]);
    expect(act).not.toHaveBeenCalled();
    ids.push({ id: 'k', name: 'python3' });
    kernels.runningChanged.emit(ids);
    kernels.runningChanged.emit(ids);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it('shows what a notebook’s kernel runs on, again after a restart', async () => {
    const { api, GET } = apiOf();
    const { panel, sessionContext } = panelOf('k');
    const holder = buttonHolder(api, panel, trans);
    await vi.waitFor(() => expect(GET).toHaveBeenCalledTimes(1));
    expect(GET).toHaveBeenCalledWith('/kernels/{kernel_id}/instance', {
      params: { path: { kernel_id: 'k' } }
    });
    const button = holder.widgets[0] as unknown as { instance: unknown };
    await vi.waitFor(() => expect(button.instance).toEqual(instance));
    sessionContext.statusChanged.emit('busy');
    sessionContext.statusChanged.emit('idle');
    expect(GET).toHaveBeenCalledTimes(1);
    sessionContext.statusChanged.emit('restarting');
    sessionContext.statusChanged.emit('idle');
    expect(GET).toHaveBeenCalledTimes(2);
    holder.dispose();
    sessionContext.kernelChanged.emit({});
    expect(GET).toHaveBeenCalledTimes(2);
  });

  it('shows nothing for a notebook without a kernel, or one of another provisioner', async () => {
    const { api, GET } = apiOf();
    const holder = buttonHolder(api, panelOf(undefined).panel, trans);
    await vi.waitFor(() => expect(holder.widgets).toHaveLength(1));
    expect(GET).not.toHaveBeenCalled();
    GET.mockRejectedValue(new StudioError('conflict', 'Not ours.', 409));
    const other = buttonHolder(api, panelOf('k').panel, trans);
    await vi.waitFor(() => expect(GET).toHaveBeenCalledTimes(1));
    for (const one of [holder, other]) {
      const button = one.widgets[0] as unknown as { instance: unknown };
      expect(button.instance).toBeNull();
      one.dispose();
    }
  });

  it('makes no button for a notebook that is closed already', async () => {
    const { api, GET } = apiOf();
    const holder = buttonHolder(api, panelOf('k').panel, trans);
    holder.dispose();
    await import('./button');
    await Promise.resolve();
    expect(GET).not.toHaveBeenCalled();
  });
});
