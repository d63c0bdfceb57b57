/** Steps of a slider. Pure. */

/** Index of the last step that is not after `step`; the first one when all are. `steps` rise. */
export function indexAt(steps: readonly number[], step: number | null): number {
  if (step === null) {
    return steps.length - 1;
  }
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= step) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** The step that stands for `step` where not every step has a medium; null where there is none. */
export function stepAt(
  steps: readonly number[],
  step: number | null
): number | null {
  return steps[indexAt(steps, step)] ?? null;
}

/** All steps of several series, rising, each once. */
export function unionOf(all: readonly (readonly number[])[]): number[] {
  return [...new Set(all.flat())].sort((a, b) => a - b);
}
