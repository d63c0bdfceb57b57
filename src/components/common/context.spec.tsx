import './dom.fixture';

import { useQuery } from '@tanstack/react-query';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioProvider, useQuiet, useStale, useThrottle } from './context';
import { studioQueryClient } from './query';
import type { IStudioServices } from './view';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const services = {
  trans: nullTranslator.load('mlstudio'),
  live: null
} as unknown as IStudioServices;

let root: Root | null = null;

function mount(inside: React.ReactElement): void {
  root = createRoot(document.body.appendChild(document.createElement('div')));
  React.act(() =>
    root?.render(<StudioProvider services={services}>{inside}</StudioProvider>)
  );
}

function unmount(): void {
  React.act(() => root?.unmount());
  root = null;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  unmount();
  studioQueryClient.clear();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<void> =>
  React.act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });

describe('a throttle', () => {
  it('lets a slow reading end before the next one, and misses no call', async () => {
    const ends: (() => void)[] = [];
    const act = vi.fn(() => new Promise<void>(resolve => ends.push(resolve)));
    let call = (): void => undefined;
    const Inside = (): null => {
      call = useThrottle(act, 100);
      return null;
    };
    mount(<Inside />);
    call();
    call();
    await pass(100);
    expect(act).toHaveBeenCalledTimes(1);
    call();
    await pass(1000);
    expect(act).toHaveBeenCalledTimes(1);
    ends[0]();
    await pass(100);
    expect(act).toHaveBeenCalledTimes(2);
    ends[1]();
    await pass(1000);
    expect(act).toHaveBeenCalledTimes(2);
  });

  it('does nothing once it is unmounted', async () => {
    const act = vi.fn();
    let call = (): void => undefined;
    const Inside = (): null => {
      call = useThrottle(act, 100);
      return null;
    };
    mount(<Inside />);
    call();
    await pass(100);
    call();
    unmount();
    call();
    await pass(1000);
    expect(act).toHaveBeenCalledTimes(1);
  });
});

describe('a quiet value', () => {
  it('follows once it rests', async () => {
    let set = (_: number): void => undefined;
    const Inside = (): React.ReactElement => {
      const [value, change] = React.useState(0);
      set = change;
      return <output>{useQuiet(value, 200)}</output>;
    };
    mount(<Inside />);
    for (const value of [1, 2, 3]) {
      React.act(() => set(value));
      await pass(150);
    }
    expect(document.querySelector('output')?.textContent).toBe('0');
    await pass(100);
    expect(document.querySelector('output')?.textContent).toBe('3');
  });
});

describe('what was shown before', () => {
  it('is read again when it is opened again: nobody listened in between', async () => {
    let version = 0;
    const Inside = (): React.ReactElement => {
      useStale(['component', 'a']);
      const query = useQuery({
        queryKey: ['component', 'a', 'media'],
        queryFn: async () => ++version
      });
      return <output>{query.data}</output>;
    };
    const shown = (): string | null | undefined =>
      document.querySelector('output')?.textContent;
    mount(<Inside />);
    await pass(10);
    expect(shown()).toBe('1');
    unmount();
    mount(<Inside />);
    // What was known stands there at once, and what is true now follows.
    expect(shown()).toBe('1');
    await pass(10);
    expect(shown()).toBe('2');
  });
});
