import '../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import * as apputils from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../api/errors';
import type { IStudioApi } from '../../tokens';
import { switchInstance } from './switching';
import type { INotebook } from './switching';
import type { KernelInstance } from './words';

const trans = nullTranslator.load('mlstudio');
const current: KernelInstance = {
  instance_type: 'local',
  wanted: 'local',
  vcpu: 2,
  memory_mib: null,
  host_memory_mib: 1024,
  gpus: [],
  notices: []
};
const after = {
  ...current,
  instance_type: 'x',
  wanted: 'x',
  notices: ['Cut.']
};

function world(choice: { name: string; save: boolean } | null) {
  const done: string[] = [];
  const step =
    (name: string) =>
    (...more: unknown[]): Promise<void> => {
      done.push([name, ...more].join(' '));
      return Promise.resolve();
    };
  const client = {
    GET: vi.fn((path: string) =>
      Promise.resolve({ data: path === '/instances' ? {} : after })
    ),
    PUT: vi.fn(() => step('put')())
  };
  const session = {
    session: { kernel: { id: 'k' } },
    restartKernel: step('restart')
  };
  const notebook = {
    session,
    unsaved: true,
    save: step('save'),
    remember: (name: string) => void step('remember')(name)
  } as unknown as INotebook;
  const api = { client } as unknown as IStudioApi;
  const run = (now = current) =>
    switchInstance(api, notebook, now, trans, () => Promise.resolve(choice));
  return { run, done, client, session };
}

describe('switchInstance', () => {
  const errors: string[][] = [];
  beforeEach(() => {
    errors.length = 0;
    vi.spyOn(apputils, 'showErrorMessage').mockImplementation((title, text) => {
      errors.push([title, String(text)]);
      return Promise.resolve();
    });
  });

  it('asks the server, remembers, saves, restarts, and tells what differs', async () => {
    const warned = vi.spyOn(Notification, 'warning').mockReturnValue('');
    const { run, done, client } = world({ name: 'x', save: true });
    expect(await run()).toEqual(after);
    expect(done).toEqual(['put', 'remember x', 'save', 'restart']);
    expect(client.PUT).toHaveBeenCalledWith('/kernels/{kernel_id}/instance', {
      params: { path: { kernel_id: 'k' } },
      body: { instance_type: 'x' }
    });
    expect(warned).toHaveBeenCalledWith('Cut.');
  });

  it('saves nothing that was not asked for', async () => {
    vi.spyOn(Notification, 'warning').mockReturnValue('');
    const { run, done } = world({ name: 'x', save: false });
    await run();
    expect(done).toEqual(['put', 'remember x', 'restart']);
  });

  it('does nothing when it is cancelled, or for the type it runs on', async () => {
    for (const choice of [null, { name: 'local', save: true }]) {
      const { run, done } = world(choice);
      expect(await run()).toBeNull();
      expect(done).toEqual([]);
    }
  });

  it('restarts on the same name when it had fallen back', async () => {
    vi.spyOn(Notification, 'warning').mockReturnValue('');
    const { run, done } = world({ name: 'x', save: false });
    await run({ ...current, wanted: 'x' });
    expect(done).toContain('restart');
  });

  it('gives up no state where there is no room', async () => {
    const { run, done, client } = world({ name: 'x', save: true });
    client.PUT.mockRejectedValue(
      new StudioError(
        'resource_in_use',
        'There is no room.',
        409,
        null,
        'Wait.'
      )
    );
    expect(await run()).toBeNull();
    expect(done).toEqual([]);
    expect(errors).toEqual([
      ['The instance type was not changed', 'There is no room. Wait.']
    ]);
  });

  it('says that the restart failed, and not that nothing happened', async () => {
    const { run, session } = world({ name: 'x', save: false });
    session.restartKernel = () => Promise.reject(new Error('dead'));
    expect(await run()).toBeNull();
    expect(errors[0]?.[0]).toBe('The kernel could not be restarted');
  });

  it('does nothing without a kernel', async () => {
    const { run, session, client } = world({ name: 'x', save: false });
    (session as { session: unknown }).session = null;
    expect(await run()).toBeNull();
    expect(client.GET).not.toHaveBeenCalled();
  });
});
