import '../../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../../../components/common';
import { StudioProvider } from '../../../../components/common/context';
import { Smoothing } from './fields';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function slider(onValue: (value: number) => void) {
  const services = {
    trans: nullTranslator.load('mlstudio'),
    live: null
  } as unknown as IStudioServices;
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  React.act(() =>
    root.render(
      <StudioProvider services={services}>
        <Smoothing value={0} onValue={onValue} />
      </StudioProvider>
    )
  );
  const slide = (value: string): void =>
    React.act(() => {
      const input = host.querySelector('input') as HTMLInputElement;
      Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      )?.set?.call(input, value);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
  return { root, slide };
}

it('tells the smoothing once it rests, and not again when it is closed', () => {
  const told = vi.fn();
  const { root, slide } = slider(told);
  slide('0.2');
  slide('0.5');
  expect(told).not.toHaveBeenCalled();
  React.act(() => vi.advanceTimersByTime(300));
  expect(told.mock.calls).toEqual([[0.5]]);
  React.act(() => root.unmount());
  expect(told).toHaveBeenCalledTimes(1);
});

it('tells the smoothing that was chosen just before it is closed', () => {
  const told = vi.fn();
  const { root, slide } = slider(told);
  slide('0.6');
  React.act(() => root.unmount());
  expect(told.mock.calls).toEqual([[0.6]]);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveBeenCalledTimes(1);
});
