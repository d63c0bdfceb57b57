/** Traits of the model as React state, both ways. */
import * as React from 'react';

import type { IModel } from './kernelApi';

/** A trait and its setter; another view, or Python, may change it too. */
export function useTrait<T>(
  model: IModel,
  name: string,
  read: (value: unknown) => T
): [T, (next: T) => void] {
  const reader = React.useRef(read);
  const [value, setValue] = React.useState(() => read(model.get(name)));
  React.useEffect(() => {
    const take = (): void => setValue(reader.current(model.get(name)));
    model.on(`change:${name}`, take);
    return () => model.off(`change:${name}`, take);
  }, [model, name]);
  const set = React.useCallback(
    (next: T) => {
      setValue(next);
      model.set(name, next);
      model.save_changes();
    },
    [model, name]
  );
  return [value, set];
}

export const asTexts = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string')
    : [];

export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : '';

export const asNumber = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;

export const asRange = (value: unknown): readonly [number, number] | null => {
  const [low, high] = Array.isArray(value) ? (value as unknown[]) : [];
  return typeof low === 'number' && typeof high === 'number'
    ? [low, high]
    : null;
};
