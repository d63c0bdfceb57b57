import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { TableRequest } from '../api/types';
import { StudioProvider } from '../components/common/context';
import type { IStudioServices } from '../components/common/view';
import { useRows } from './useRows';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows the rows of what is asked for last, whichever answer comes last', async () => {
  /** Milliseconds until the rows of an experiment come. */
  const waits: Record<string, number> = { slow: 1000, quick: 100 };
  const POST = async (_: string, { body }: { body: TableRequest }) => {
    const name = body.scope?.experiment ?? '';
    await new Promise(resolve => setTimeout(resolve, waits[name]));
    return {
      data: {
        rows: 1,
        total: 1,
        offset: 0,
        version: 1,
        uids: [name],
        names: [name],
        columns: []
      }
    };
  };
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client: { POST } },
    live: null
  } as unknown as IStudioServices;
  const Inside = (props: { name: string }): JSX.Element => {
    const { rows } = useRows('experiment', [props.name], '', []);
    return <output>{rows?.nameAt(0)}</output>;
  };
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  for (const name of ['slow', 'quick']) {
    React.act(() =>
      root.render(
        <StudioProvider services={services}>
          <Inside name={name} />
        </StudioProvider>
      )
    );
  }
  await React.act(() => vi.advanceTimersByTimeAsync(200));
  expect(host.textContent).toBe('quick');
  await React.act(() => vi.advanceTimersByTimeAsync(2000));
  expect(host.textContent).toBe('quick');
  React.act(() => root.unmount());
});
