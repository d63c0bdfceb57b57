import '../../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { StudioProvider } from '../../../../components/common/context';
import type { IStudioServices } from '../../../../components/common/view';
import { LocalRows, PagedRows } from '../../../../components/table';
import { testPage } from '../../../../components/table/page.fixture';
import { BoardContext, type IBoardContext } from './boardContext';
import { useBlock } from './useBlock';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const KEYS = ['loss'];

it('follows the quick filter where rows are paged, and not every page that comes', async () => {
  const rows = new PagedRows(
    async ({ offset }) => testPage(['a'], { loss: [1] }, 30_000, offset),
    vi.fn(),
    30_000
  );
  const sample = vi.fn(
    async () => new LocalRows(testPage(['a'], { loss: [1] }, 1))
  );
  const services = {
    trans: nullTranslator.load('mlstudio'),
    live: null
  } as unknown as IStudioServices;
  const board = { rows, data: { sample } } as unknown as IBoardContext;
  const Inside = (): JSX.Element => {
    const { block } = useBlock(KEYS, true);
    return <output>{block?.names.join()}</output>;
  };
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  React.act(() =>
    root.render(
      <StudioProvider services={services}>
        <BoardContext.Provider value={board}>
          <Inside />
        </BoardContext.Provider>
      </StudioProvider>
    )
  );
  const pass = (): Promise<void> =>
    React.act(async () => {
      await vi.advanceTimersByTimeAsync(1000);
    });
  // A rendering that ends a pass sets timers for the next one.
  const settle = async (): Promise<void> => {
    await pass();
    await pass();
  };
  await settle();
  expect(host.textContent).toBe('a');
  expect(sample).toHaveBeenCalledTimes(1);
  React.act(() => rows.ensure(0, 30));
  await settle();
  expect(sample).toHaveBeenCalledTimes(1);
  React.act(() => rows.filter({ text: 'cnn', names: null }));
  await settle();
  expect(sample).toHaveBeenCalledTimes(2);
  React.act(() => root.unmount());
});
