/** Histograms of several steps over the same bins, to stand beside each other. Pure. */
import type { IHistogram } from './inline';

export interface IStepHistogram {
  readonly step: number;
  readonly histogram: IHistogram;
}

/** One step: the count of each bin as a share of the step's fullest, 0 to 1. */
export interface IDensityColumn {
  readonly step: number;
  readonly shares: readonly number[];
}

export interface IDensities {
  readonly columns: readonly IDensityColumn[];
  /** Ends of the bins. */
  readonly min: number;
  readonly max: number;
}

/** At most `most` of the items, spread over all of them, the last one among them. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) {
    return [...items];
  }
  const every = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => items[Math.round(i * every)]);
}

/** Counts of `histogram` over `bins` equal bins from min to max; a bin that two share is divided by width. */
export function rebin(
  { counts, edges }: IHistogram,
  min: number,
  max: number,
  bins: number
): number[] {
  const found = new Array<number>(bins).fill(0);
  const width = (max - min) / bins;
  counts.forEach((count, i) => {
    const [low, high] = [edges[i], edges[i + 1]];
    const size = high - low;
    const from = Math.max(0, Math.floor((low - min) / width));
    const to = Math.min(bins - 1, Math.floor((high - min) / width));
    for (let bin = from; bin <= to; bin++) {
      const left = Math.max(low, min + bin * width);
      const right = Math.min(high, min + (bin + 1) * width);
      found[bin] +=
        size > 0 ? (count * Math.max(0, right - left)) / size : count;
    }
  });
  return found;
}

/** Columns by step; null where there are not two, or all values are the same. */
export function densities(
  all: readonly IStepHistogram[],
  bins: number
): IDensities | null {
  const steps = [...new Map(all.map(one => [one.step, one.histogram]))].sort(
    ([a], [b]) => a - b
  );
  const ends = steps.flatMap(([, { edges }]) => [
    edges[0],
    edges[edges.length - 1]
  ]);
  const [min, max] = [Math.min(...ends), Math.max(...ends)];
  if (steps.length < 2 || !(max > min) || !Number.isFinite(max - min)) {
    return null;
  }
  const columns = steps.map(([step, histogram]) => {
    const counts = rebin(histogram, min, max, bins);
    const most = Math.max(...counts);
    return {
      step,
      shares: counts.map(count => (most > 0 ? count / most : 0))
    };
  });
  return { columns, min, max };
}
