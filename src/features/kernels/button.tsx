/** The button beside the kernel's name: what the kernel runs on; a click chooses another type. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import * as React from 'react';

import { unwrap } from '../../api/client';
import { asStudioError } from '../../api/errors';
import type { IStudioApi } from '../../tokens';
import type { INotebook } from './switching';
import { instanceText, instanceTitle } from './words';
import type { KernelInstance } from './words';

/** Key of the notebook's metadata in which the type stands. */
const METADATA = 'mlstudio';

/** What a switch touches of a notebook panel. */
export function notebookOf(panel: NotebookPanel): INotebook {
  const { context, sessionContext } = panel;
  return {
    session: sessionContext,
    get unsaved() {
      return context.model.dirty && !context.model.readOnly;
    },
    save: () => context.save(),
    remember: name => {
      const old: unknown = context.model.getMetadata(METADATA);
      const ours = typeof old === 'object' && old !== null ? old : {};
      context.model.setMetadata(METADATA, { ...ours, instance_type: name });
    }
  };
}

/** The toolbar item of one notebook. */
export class InstanceButton extends ReactWidget {
  constructor(
    private readonly api: IStudioApi,
    private readonly panel: NotebookPanel,
    private readonly trans: TranslationBundle
  ) {
    super();
    panel.sessionContext.kernelChanged.connect(this.#look, this);
    panel.sessionContext.statusChanged.connect(this.#onStatus, this);
    this.#look();
  }

  override dispose(): void {
    this.panel.sessionContext.kernelChanged.disconnect(this.#look, this);
    this.panel.sessionContext.statusChanged.disconnect(this.#onStatus, this);
    super.dispose();
  }

  /** What the kernel runs on; null: no kernel, or one of another provisioner. */
  get instance(): KernelInstance | null {
    return this.#instance;
  }

  /** Let the user choose another type. */
  async choose(): Promise<void> {
    const current = this.#instance;
    if (current === null || this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      const { switchInstance } = await import('./switching');
      const notebook = notebookOf(this.panel);
      await switchInstance(this.api, notebook, current, this.trans);
    } finally {
      this.#busy = false;
      this.#look();
    }
  }

  protected render(): React.ReactElement {
    const { trans } = this;
    const instance = this.#instance;
    return instance === null ? (
      <></>
    ) : (
      <ToolbarButtonComponent
        label={instanceText(instance, trans)}
        tooltip={instanceTitle(instance, trans)}
        onClick={() => void this.choose()}
      />
    );
  }

  #onStatus(_: unknown, status: string): void {
    // A restart may have put the kernel on another type.
    if (status === 'restarting' || status === 'autorestarting') {
      this.#restarted = true;
    } else if (this.#restarted && (status === 'idle' || status === 'busy')) {
      this.#restarted = false;
      this.#look();
    }
  }

  #look(): void {
    void this.#read().then(instance => {
      if (!this.isDisposed && instance !== undefined) {
        this.#instance = instance;
        this.update();
      }
    });
  }

  /** Undefined when the answer is not of the present kernel, or none came. */
  async #read(): Promise<KernelInstance | null | undefined> {
    const id = this.panel.sessionContext.session?.kernel?.id;
    if (id === undefined) {
      return null;
    }
    try {
      const params = { path: { kernel_id: id } };
      const found = unwrap(
        await this.api.client.GET('/kernels/{kernel_id}/instance', { params })
      );
      const now = this.panel.sessionContext.session?.kernel?.id;
      return now === id ? found : undefined;
    } catch (error) {
      const { code } = asStudioError(error);
      return code === 'not_found' || code === 'conflict' ? null : undefined;
    }
  }

  #instance: KernelInstance | null = null;
  #busy = false;
  #restarted = false;
}
