/**
 * The one ES module of the notebook widgets (anywidget's form): `render({model, el})`.
 *
 * Bundled by `jlpm build:widget` into mlstudio/widgets/static; no Lab package is in it, so that it
 * runs wherever ipywidgets do.
 */
import * as React from 'react';
import { createRoot } from 'react-dom/client';

import { StudioProvider } from '../components/common/context';
import type { IStudioServices } from '../components/common/view';
import { KernelApi, KernelLive, type IModel } from './kernelApi';
import { WidgetView } from './view';
import { words } from './words';
import '../../style/widget.css';

interface IRender {
  readonly model: IModel;
  readonly el: HTMLElement;
}

/** A cell has no commands of ours; what opens a page goes through Lab's command linker. */
const commands = {
  execute: async () => undefined
} as unknown as IStudioServices['commands'];

function render({ model, el }: IRender): () => void {
  const api = new KernelApi(model);
  const services: IStudioServices = {
    api,
    live: new KernelLive(api),
    trans: words,
    commands,
    themes: null
  };
  const root = createRoot(el);
  root.render(
    <StudioProvider services={services}>
      <WidgetView model={model} />
    </StudioProvider>
  );
  return () => {
    root.unmount();
    api.dispose();
  };
}

export default { render };
