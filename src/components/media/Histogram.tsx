/** A small histogram: bars for the eye, the same numbers in words. */
import * as React from 'react';

import { formatNumber, useStudio } from '../common';
import type { IHistogram } from './inline';

const WIDTH = 300;
const HEIGHT = 120;

/** The bars; their widths are those of the bins. */
export function Histogram(props: {
  readonly histogram: IHistogram;
}): React.ReactElement {
  const { trans } = useStudio();
  const { counts, edges } = props.histogram;
  const most = Math.max(...counts, 1);
  const from = edges[0];
  const span = edges[edges.length - 1] - from;
  const x = (edge: number, i: number): number =>
    span > 0 ? ((edge - from) / span) * WIDTH : (i / counts.length) * WIDTH;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const said = trans.__(
    '%1 values from %2 to %3 in %4 bins, at most %5 in one',
    formatNumber(total),
    formatNumber(from),
    formatNumber(edges[edges.length - 1]),
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
        <span>{formatNumber(edges[edges.length - 1])}</span>
      </figcaption>
    </figure>
  );
}
