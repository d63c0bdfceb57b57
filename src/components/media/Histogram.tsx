/** A small histogram: bars for the eye, the same numbers in words. */
import * as React from 'react';

import { formatNumber, useStudio } from '../common';
import type { IHistogram } from './inline';

type Ends = readonly [number, number];

interface ISpan {
  readonly ends: Ends | null;
  tell(id: string, ends: Ends | null): void;
}

const SpanContext = React.createContext<ISpan | null>(null);

/** Histograms in here stand over one range of values, so that they can be compared. */
export function HistogramSpan(props: {
  readonly children: React.ReactNode;
}): React.ReactElement {
  const [all, setAll] = React.useState<ReadonlyMap<string, Ends>>(new Map());
  const tell = React.useCallback((id: string, ends: Ends | null) => {
    setAll(now => {
      const next = new Map(now);
      next.delete(id);
      return ends === null ? next : next.set(id, ends);
    });
  }, []);
  const span = React.useMemo((): ISpan => {
    const known = [...all.values()];
    const ends: Ends | null =
      known.length === 0
        ? null
        : [
            Math.min(...known.map(([from]) => from)),
            Math.max(...known.map(([, to]) => to))
          ];
    return { ends, tell };
  }, [all, tell]);
  return (
    <SpanContext.Provider value={span}>{props.children}</SpanContext.Provider>
  );
}

const WIDTH = 300;
const HEIGHT = 120;

/** The bars; their widths are those of the bins. */
export function Histogram(props: {
  readonly histogram: IHistogram;
}): React.ReactElement {
  const { trans } = useStudio();
  const { counts, edges } = props.histogram;
  const most = Math.max(...counts, 1);
  const [own, last] = [edges[0], edges[edges.length - 1]];
  const shared = React.useContext(SpanContext);
  const id = React.useId();
  const tell = shared?.tell;
  React.useEffect(() => {
    tell?.(id, [own, last]);
    return () => tell?.(id, null);
  }, [tell, id, own, last]);
  const [from, to] = shared?.ends ?? [own, last];
  const span = to - from;
  const x = (edge: number, i: number): number =>
    span > 0 ? ((edge - from) / span) * WIDTH : (i / counts.length) * WIDTH;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const said = trans.__(
    '%1 values from %2 to %3 in %4 bins, at most %5 in one',
    formatNumber(total),
    formatNumber(own),
    formatNumber(last),
    counts.length,
    formatNumber(most)
  );
  return (
    <figure className="jp-Mlstudio-histogram">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={said}
        preserveAspectRatio="none"
      >
        {counts.map((count, i) => {
          const left = x(edges[i], i);
          const height = (count / most) * HEIGHT;
          return (
            <rect
              key={i}
              x={left}
              y={HEIGHT - height}
              width={Math.max(0.5, x(edges[i + 1], i + 1) - left - 0.5)}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption>
        <span>{formatNumber(from)}</span>
        <span>{formatNumber(to)}</span>
      </figcaption>
    </figure>
  );
}
