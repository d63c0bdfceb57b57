/** The status bar item: what the kernel of the notebook in front uses. */
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { instanceIcon } from './icon';
import type { KernelsUsage } from './usage';
import { instanceText, usageText } from './words';
import type { KernelUsage } from './words';

/** Follows the notebook in front. */
export class KernelItem extends ReactWidget {
  constructor(
    private readonly usage: KernelsUsage,
    private readonly notebooks: INotebookTracker,
    private readonly trans: TranslationBundle,
    private readonly open: () => void
  ) {
    super();
    this.addClass('jp-Mlstudio-statusitem');
    usage.changed.connect(this.#onChange, this);
    notebooks.currentChanged.connect(this.#onChange, this);
  }

  override dispose(): void {
    this.usage.changed.disconnect(this.#onChange, this);
    this.notebooks.currentChanged.disconnect(this.#onChange, this);
    Signal.clearData(this);
    super.dispose();
  }

  /** Whether the notebook in front can be seen and has a kernel. */
  get looking(): boolean {
    const panel = this.notebooks.currentWidget;
    return panel?.isVisible === true && this.#id !== undefined;
  }

  /** Whether there is something to show. */
  get active(): boolean {
    return this.looking && this.#shown !== null;
  }

  protected render(): React.ReactElement {
    const kernel = this.#shown;
    if (kernel === null) {
      return <></>;
    }
    const { trans } = this;
    const size = kernel.instance && instanceText(kernel.instance, trans);
    return (
      <button
        type="button"
        className="jp-Mlstudio-statusbutton"
        title={[
          trans.__('What the kernel of this notebook uses'),
          size && trans.__('It may use %1', size)
        ]
          .filter(Boolean)
          .join('\n')}
        onClick={this.open}
      >
        <instanceIcon.react tag="span" elementSize="small" />
        <span>{usageText(kernel, trans)}</span>
      </button>
    );
  }

  get #id(): string | undefined {
    return this.notebooks.currentWidget?.sessionContext.session?.kernel?.id;
  }

  get #shown(): KernelUsage | null {
    const kernel = this.usage.of(this.#id);
    return kernel?.rss === null ? null : kernel;
  }

  #onChange(): void {
    this.update();
    this.activeChanged.emit();
  }

  readonly activeChanged = new Signal<this, void>(this);
}
