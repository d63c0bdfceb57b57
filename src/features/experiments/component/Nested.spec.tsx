import '../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { ComponentRecord } from '../../../api/types';
import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import { useNested } from './Nested';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('asks for nested runs only while somebody looks, and then once for all that was missed', async () => {
  let emit = (_event: { type: string }): void => undefined;
  const GET = vi.fn(async () => ({ data: { items: [] } }));
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client: { GET } },
    live: {
      subscribe: (_: string, on: typeof emit) => {
        emit = on;
        return { dispose: () => undefined };
      }
    }
  } as unknown as IStudioServices;
  const component = {
    name: 'c',
    trials: [{ trial_name: 't', experiment_name: 'e' }]
  } as unknown as ComponentRecord;
  function Page(props: { seen: boolean }): null {
    useNested(component, props.seen);
    return null;
  }
  const root = createRoot(document.createElement('div'));
  const show = (seen: boolean): void =>
    React.act(() =>
      root.render(
        <StudioProvider services={services}>
          <Page seen={seen} />
        </StudioProvider>
      )
    );
  const wait = (): Promise<void> =>
    React.act(async () => {
      await vi.advanceTimersByTimeAsync(3000);
    });
  show(true);
  await wait();
  const first = GET.mock.calls.length;
  expect(first).toBeGreaterThan(0);
  emit({ type: 'component.updated' });
  await wait();
  expect(GET).toHaveBeenCalledTimes(first + 1);
  show(false);
  for (let i = 0; i < 5; i++) {
    emit({ type: 'component.updated' });
    await wait();
  }
  expect(GET).toHaveBeenCalledTimes(first + 1);
  show(true);
  await wait();
  expect(GET).toHaveBeenCalledTimes(first + 2);
  React.act(() => root.unmount());
});
