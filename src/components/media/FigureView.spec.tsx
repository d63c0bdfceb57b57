import '../common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';

import type { IStudioServices } from '../common';
import { StudioProvider } from '../common/context';
import { FigureView } from './FigureView';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const world = vi.hoisted(() => ({
  theme: { series: ['#000'], text: 'light' },
  ends: [] as (() => void)[],
  drawn: false
}));
vi.mock('../charts/theme', () => ({ useChartTheme: () => world.theme }));
vi.mock('../charts/lazy', () => ({
  loadPlotly: async () => ({
    react: () => {
      world.drawn = true;
      return new Promise<void>(resolve => world.ends.push(resolve));
    },
    purge: () => {
      world.drawn = false;
    },
    Plots: { resize: () => undefined }
  })
}));

it('stays drawn when the theme changes during the first drawing, and is cleared when it goes', async () => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = (): void => undefined;
      disconnect = (): void => undefined;
    }
  );
  const figure = { data: [{ type: 'bar', y: [1, 2] }], layout: {} };
  const GET = async () => ({ data: JSON.stringify(figure) });
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client: { GET } },
    live: null
  } as unknown as IStudioServices;
  const root = createRoot(
    document.body.appendChild(document.createElement('div'))
  );
  const render = (): Promise<void> =>
    React.act(async () =>
      root.render(
        <StudioProvider services={services}>
          <FigureView uid="f" size={10} label={world.theme.text} />
        </StudioProvider>
      )
    );
  await render();
  const drawings = (count: number): Promise<boolean> =>
    vi.waitUntil(async () => {
      await React.act(async () => Promise.resolve());
      return world.ends.length === count;
    });
  await drawings(1);
  world.theme = { series: ['#fff'], text: 'dark' };
  await render();
  await drawings(2);
  await React.act(async () => world.ends.forEach(end => end()));
  expect(world.drawn).toBe(true);
  await React.act(async () => root.unmount());
  expect(world.drawn).toBe(false);
  vi.unstubAllGlobals();
});
