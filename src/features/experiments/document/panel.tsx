/** The experiment document as a widget: its view state, and whether it is on the screen. */
import type { JSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { StudioWidget, type IStudioServices } from '../../../components/common';
import { DocumentView } from './documentView';
import { asksForKeys, showKeys } from './keyHelp';
import { formatView, parseView, type IDocumentView } from './viewState';

/** A state is saved when the user has stopped changing it for so long. */
const SAVE_MS = 400;

export class ExperimentDocument extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly experiment: string,
    state: JSONObject | null
  ) {
    super(services, state);
    this.addClass('jp-Mlstudio-document');
    this.title.label = experiment;
    this.title.caption = services.trans.__(
      'Experiment %1',
      experiment.slice(0, 200)
    );
    this.view = parseView(state);
    this.fresh = state === null || Object.keys(state).length === 0;
    this.node.addEventListener('keydown', event => {
      if (asksForKeys(event)) {
        event.preventDefault();
        void showKeys(services.trans);
      }
    });
  }

  override toJson(): JSONObject {
    return formatView(this.view);
  }

  /** A link was followed while the document stands open: show what the link says. */
  applyView(view: JSONObject): void {
    if (view.v === 1) {
      // Query box, selection and cards hold their own state: they begin anew.
      this.turn += 1;
      this.setView(() => parseView(view));
    }
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }

  protected override inside(): React.ReactElement {
    return (
      <DocumentView
        key={this.turn}
        experiment={this.experiment}
        view={this.view}
        visible={this.shown}
        fresh={this.fresh && this.turn === 0}
        onView={this.setView}
        onTitle={this.setTitle}
      />
    );
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this.setShown(false);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.setShown(true);
  }

  private setShown(shown: boolean): void {
    if (this.shown !== shown) {
      this.shown = shown;
      this.update();
    }
  }

  private setTitle = (label: string): void => {
    this.title.label = label;
  };

  private setView = (change: (view: IDocumentView) => IDocumentView): void => {
    const next = change(this.view);
    if (next === this.view) {
      return;
    }
    this.view = next;
    this.update();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep({}), SAVE_MS);
  };

  private readonly fresh: boolean;
  private view: IDocumentView;
  private shown = true;
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
}

/** The content of an experiment's page. */
export function createDocument(
  services: IStudioServices,
  name: string,
  state: JSONObject | null
): ExperimentDocument {
  return new ExperimentDocument(services, name, state);
}
