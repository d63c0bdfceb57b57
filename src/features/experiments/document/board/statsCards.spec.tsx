import '../../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioProvider } from '../../../../components/common/context';
import type { IStudioServices } from '../../../../components/common/view';
import { BoardContext, type IBoardContext } from './boardContext';
import { useImportance } from './statsCards';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const asked: string[] = [];
let root: Root | null = null;
let told = (): void => undefined;
const rows = {
  total: 10,
  subscribe: (listener: () => void) => {
    told = listener;
    return () => undefined;
  }
};

/** The first parameter of the answer that is shown. */
function Inside(props: { metric: string }): JSX.Element {
  const { reply } = useImportance(props.metric, true);
  return <output>{reply?.items[0].param}</output>;
}

function show(metric: string): void {
  const client = {
    GET: async (
      _: string,
      {
        params,
        signal
      }: { params: { query: { metric: string } } } & {
        signal: AbortSignal;
      }
    ) => {
      const { query } = params;
      asked.push(query.metric);
      await new Promise(resolve => setTimeout(resolve, 5000));
      signal.throwIfAborted();
      return { data: { items: [{ param: `of ${query.metric}` }] } };
    }
  };
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client },
    live: null
  } as unknown as IStudioServices;
  const board = { experiment: 'mnist', rows } as unknown as IBoardContext;
  React.act(() =>
    root?.render(
      <StudioProvider services={services}>
        <BoardContext.Provider value={board}>
          <Inside metric={metric} />
        </BoardContext.Provider>
      </StudioProvider>
    )
  );
}

const shown = (): string | null | undefined =>
  document.querySelector('output')?.textContent;
const pass = (ms: number): Promise<void> =>
  React.act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  rows.total = 10;
  root = createRoot(document.body.appendChild(document.createElement('div')));
});
afterEach(() => {
  React.act(() => root?.unmount());
  vi.useRealTimers();
});

describe('the importance of parameters', () => {
  it('is never shown under the name of another metric', async () => {
    show('metrics.loss.last');
    await pass(6000);
    expect(shown()).toBe('of loss.last');
    show('metrics.acc.last');
    expect(shown()).toBe('');
    await pass(6000);
    expect(shown()).toBe('of acc.last');
  });

  it('comes to its end while rows come all the time', async () => {
    show('metrics.loss.last');
    for (let i = 0; i < 40; i++) {
      rows.total += 1;
      React.act(() => told());
      await pass(1000);
    }
    expect(shown()).toBe('of loss.last');
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(5);
  });
});
