import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';

import { StudioProvider } from '../common/context';
import type { IStudioServices } from '../common/view';
import * as lazy from './lazy';
import { LineChart } from './lineChart';

it('a chart whose library cannot be fetched says so', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  // jsdom neither paints nor lays out.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    }
  );
  vi.spyOn(lazy, 'loadUplot').mockRejectedValue(new Error('no such chunk'));
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: {},
    live: null,
    themes: null
  } as unknown as IStudioServices;
  const metric = 'loss';
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  await React.act(async () => {
    root.render(
      <StudioProvider services={services}>
        <LineChart title={metric} series={[]} />
      </StudioProvider>
    );
  });
  expect(host.querySelector('[role=alert]')?.textContent).toBe(
    'The chart could not be loaded; reload the page.'
  );
  React.act(() => root.unmount());
  host.remove();
  vi.unstubAllGlobals();
});
