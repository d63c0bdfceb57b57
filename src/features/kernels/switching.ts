/** Switching a notebook's kernel to another instance type; loaded when it is first done. */
import { Notification, showErrorMessage } from '@jupyterlab/apputils';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { unwrap } from '../../api/client';
import { bannerOf } from '../../api/errors';
import type { IStudioApi } from '../../tokens';
import { pick } from './picker';
import type { IChoice } from './picker';
import type { KernelInstance } from './words';

/** What of a notebook a switch touches. */
export interface INotebook {
  readonly session: Pick<ISessionContext, 'session' | 'restartKernel'>;
  readonly unsaved: boolean;
  save(): Promise<void>;
  /** Keep the type in the notebook's metadata. */
  remember(name: string): void;
}

type Asked = (options: Parameters<typeof pick>[0]) => Promise<IChoice | null>;

/**
 * Ask for a type, and restart the kernel on it.
 *
 * The server is asked first whether there is room: state is not given up for nothing.
 * Returns what the kernel runs on now; null when nothing was changed.
 */
export async function switchInstance(
  api: IStudioApi,
  notebook: INotebook,
  current: KernelInstance,
  trans: TranslationBundle,
  ask: Asked = pick
): Promise<KernelInstance | null> {
  const kernelId = notebook.session.session?.kernel?.id;
  if (kernelId === undefined) {
    return null;
  }
  const path = { kernel_id: kernelId };
  let title = trans.__('The instance type was not changed');
  try {
    const reply = unwrap(await api.client.GET('/instances'));
    const choice = await ask({
      reply,
      kernelId,
      current: current.wanted,
      unsaved: notebook.unsaved,
      trans
    });
    if (choice === null || isOn(current, choice.name)) {
      return null;
    }
    await api.client.PUT('/kernels/{kernel_id}/instance', {
      params: { path },
      body: { instance_type: choice.name }
    });
    notebook.remember(choice.name);
    if (choice.save) {
      await notebook.save();
    }
    title = trans.__('The kernel could not be restarted');
    await notebook.session.restartKernel();
    const now = unwrap(
      await api.client.GET('/kernels/{kernel_id}/instance', {
        params: { path }
      })
    );
    now.notices.forEach(notice => Notification.warning(notice));
    return now;
  } catch (error) {
    const { text, hint } = bannerOf(error, trans);
    await showErrorMessage(title, `${text} ${hint}`.trim());
    return null;
  }
}

function isOn(current: KernelInstance, name: string): boolean {
  return current.instance_type === name && current.wanted === name;
}
