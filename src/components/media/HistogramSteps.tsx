/** How a distribution changes: one column a step, darker where more values are; the shown step is marked. */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import { Banner, formatNumber, useStudio } from '../common';
import { histogramOf, type MediaSeries } from './inline';
import { densities, spread, type IStepHistogram } from './rebin';

/** Steps that are asked for, the newest, and how many of them are drawn. */
const READ = 1000;
const MOST_STEPS = 100;
const BINS = 40;
const WIDTH = 300;
const HEIGHT = 120;

interface IHistogramStepsProps {
  readonly component: string;
  readonly series: MediaSeries;
  /** The step that is shown below. */
  readonly step: number | null;
  readonly onStep: (step: number) => void;
}

function useHistograms(component: string, series: MediaSeries) {
  const { api } = useStudio();
  const { name } = series;
  const steps = series.steps.slice(-READ);
  const wanted = spread(steps, MOST_STEPS);
  return useQuery({
    queryKey: ['component', component, 'media', name, 'steps', ...wanted],
    queryFn: async ({ signal }): Promise<IStepHistogram[]> => {
      const items = unwrap(
        await api.client.GET('/trial-components/{name}/media/items', {
          params: {
            path: { name: component },
            query: { name, step_from: steps[0], limit: READ }
          },
          signal
        })
      ).items;
      const shown = new Set(wanted);
      return items.flatMap(item => {
        const histogram = shown.has(item.step) ? histogramOf(item) : null;
        return histogram === null ? [] : [{ step: item.step, histogram }];
      });
    }
  });
}

/** The picture; nothing while there are not two histograms. */
export function HistogramSteps(
  props: IHistogramStepsProps
): React.ReactElement | null {
  const { trans } = useStudio();
  const { series, step, onStep } = props;
  const query = useHistograms(props.component, series);
  const picture = React.useMemo(
    () => densities(query.data ?? [], BINS),
    [query.data]
  );
  if (picture === null) {
    return query.error === null ? null : <Banner error={query.error} />;
  }
  const { columns, min, max } = picture;
  const width = WIDTH / columns.length;
  const height = HEIGHT / BINS;
  const [first, last] = [columns[0].step, columns[columns.length - 1].step];
  return (
    <figure className="jp-Mlstudio-histogramSteps">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={trans.__(
          '%1 over steps %2 to %3: values from %4 to %5, darker where more of them are',
          series.name,
          formatNumber(first),
          formatNumber(last),
          formatNumber(min),
          formatNumber(max)
        )}
        onClick={event => {
          const box = event.currentTarget.getBoundingClientRect();
          const at = ((event.clientX - box.left) / box.width) * columns.length;
          onStep(
            columns[Math.max(0, Math.min(columns.length - 1, Math.floor(at)))]
              .step
          );
        }}
      >
        {columns.map((column, i) => (
          <g key={column.step}>
            {column.shares.map((share, j) =>
              share === 0 ? null : (
                <rect
                  key={j}
                  x={i * width}
                  y={HEIGHT - (j + 1) * height}
                  width={width + 0.3}
                  height={height + 0.3}
                  fillOpacity={0.1 + 0.9 * share}
                />
              )
            )}
            {column.step === step && (
              <rect
                className="jp-mod-now"
                vectorEffect="non-scaling-stroke"
                x={i * width}
                y={0}
                width={width}
                height={HEIGHT}
              />
            )}
          </g>
        ))}
      </svg>
      <span className="jp-Mlstudio-histogramEnds" aria-hidden="true">
        <span>{formatNumber(Number(max.toPrecision(3)))}</span>
        <span>{formatNumber(Number(min.toPrecision(3)))}</span>
      </span>
      <figcaption aria-hidden="true">
        <span>{trans.__('step %1', formatNumber(first))}</span>
        <span>{formatNumber(last)}</span>
      </figcaption>
    </figure>
  );
}
