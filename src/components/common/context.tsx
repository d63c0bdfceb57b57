/** What every component of ours may ask for, and how it hears of changes. */
import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import * as React from 'react';

import type { ILiveEvent } from '../../tokens';
import { studioQueryClient } from './query';
import type { IStudioServices } from './view';
// Here and not in the index: a module that only re-exports is dropped, and its styles with it.
import '../../../style/studio.css';

const StudioContext = React.createContext<IStudioServices | null>(null);

interface IProviderProps {
  readonly services: IStudioServices;
  readonly children: React.ReactNode;
}

/** Wraps the root of each widget of ours. */
export function StudioProvider(props: IProviderProps): React.ReactElement {
  return (
    <StudioContext.Provider value={props.services}>
      <QueryClientProvider client={studioQueryClient}>
        {props.children}
      </QueryClientProvider>
    </StudioContext.Provider>
  );
}

/** The services of the widget that this component stands in. */
export function useStudio(): IStudioServices {
  const services = React.useContext(StudioContext);
  if (services === null) {
    throw new Error('useStudio is called outside a StudioProvider');
  }
  return services;
}

/** Listen to topics while mounted. Topics may change; `on` may change without a new subscription. */
export function useLive(
  topics: readonly string[],
  on: (event: ILiveEvent) => void
): void {
  const { live } = useStudio();
  const latest = React.useRef(on);
  latest.current = on;
  const key = topics.join('\n');
  React.useEffect(() => {
    if (live === null || key === '') {
      return;
    }
    const held = key
      .split('\n')
      .map(topic => live.subscribe(topic, event => latest.current(event)));
    return () => held.forEach(one => one.dispose());
  }, [live, key]);
}

/**
 * Call `act` at most once in `wait` ms, however often the returned function is called.
 *
 * Where `act` returns a promise, the next call waits for it: a reading that takes longer than
 * events come apart would otherwise be given up for the next one, again and again.
 */
export function useThrottle(act: () => unknown, wait = 400): () => void {
  const latest = React.useRef(act);
  latest.current = act;
  const state = React.useRef({ timer: 0, busy: false, again: false });
  React.useEffect(() => {
    const { current } = state;
    return () => {
      window.clearTimeout(current.timer);
      // Nobody is there any more: what is still on its way leads to nothing.
      current.busy = true;
    };
  }, []);
  return React.useCallback(() => {
    const { current } = state;
    const work = async (): Promise<void> => {
      current.timer = 0;
      current.busy = true;
      current.again = false;
      try {
        await latest.current();
      } finally {
        current.busy = false;
        if (current.again) {
          arm();
        }
      }
    };
    const arm = (): void => {
      if (current.busy) {
        current.again = true;
      } else if (current.timer === 0) {
        current.timer = window.setTimeout(() => void work(), wait);
      }
    };
    arm();
  }, [wait]);
}

/**
 * What nobody listens for grows old: once the caller is gone, or its key is another one, whoever
 * shows these queries next reads them again.
 */
export function useStale(queryKey: readonly unknown[]): void {
  const client = useQueryClient();
  const key = JSON.stringify(queryKey);
  React.useEffect(
    () => () => {
      void client.invalidateQueries({
        queryKey: JSON.parse(key) as unknown[],
        refetchType: 'none'
      });
    },
    [client, key]
  );
}

/** A value that follows another one after it has been quiet for `wait` ms. */
export function useQuiet<T>(value: T, wait: number): T {
  const [quiet, setQuiet] = React.useState(value);
  React.useEffect(() => {
    const timer = window.setTimeout(() => setQuiet(value), wait);
    return () => window.clearTimeout(timer);
  }, [value, wait]);
  return quiet;
}

/** The present time in ms, renewed every `every` ms while `running`. */
export function useNow(running: boolean, every = 1000): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    if (!running) {
      return;
    }
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), every);
    return () => window.clearInterval(timer);
  }, [running, every]);
  return now;
}
