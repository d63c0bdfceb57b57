/** A Lumino widget whose inside is React, with our services around it. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { JSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { StudioProvider } from './context';
import type { IStudioServices, IStudioView } from './view';

/** Base of our panels: subclasses say what is inside and what of it is worth keeping. */
export abstract class StudioWidget extends ReactWidget implements IStudioView {
  constructor(
    protected readonly services: IStudioServices,
    state: JSONObject | null = null
  ) {
    super();
    this.addClass('jp-Mlstudio');
    this.state = state ?? {};
    // Lumino focuses the node of an activated widget.
    this.node.tabIndex = -1;
  }

  get stateChanged(): ISignal<this, void> {
    return this.#stateChanged;
  }

  toJson(): JSONObject {
    return this.state;
  }

  /** Merge into the state that is restored after a reload. */
  protected keep(changes: JSONObject): void {
    this.state = { ...this.state, ...changes };
    this.#stateChanged.emit();
  }

  protected abstract inside(): React.ReactElement;

  protected override render(): React.ReactElement {
    return (
      <StudioProvider services={this.services}>{this.inside()}</StudioProvider>
    );
  }

  protected override onActivateRequest(_: Message): void {
    const first = this.node.querySelector<HTMLElement>('[tabindex="0"]');
    (first ?? this.node).focus({ preventScroll: true });
  }

  protected state: JSONObject;
  readonly #stateChanged = new Signal<this, void>(this);
}
