/** Media of one name side by side, all at the same step. */
import * as React from 'react';

import {
  Banner,
  UserText,
  formatNumber,
  useStudio
} from '../../../components/common';
import {
  HistogramSpan,
  MediaItems,
  StepSlider,
  stepAt,
  unionOf,
  useAllMediaSeries
} from '../../../components/media';
import { Swatch } from './Strip';

interface ICompareMediaProps {
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** The tab "Media". */
export function CompareMedia(props: ICompareMediaProps): React.ReactElement {
  const { trans } = useStudio();
  const { names, labels } = props;
  const queries = useAllMediaSeries(names);
  const all = queries.map(query => query.data ?? []);
  const titles = [...new Set(all.flat().map(one => one.name))].sort((a, b) =>
    a.localeCompare(b)
  );
  const [chosen, setChosen] = React.useState('');
  const [step, setStep] = React.useState<number | null>(null);
  const title = titles.includes(chosen) ? chosen : titles[0];
  const series = all.map(list => list.find(one => one.name === title));
  const steps = unionOf(series.map(one => one?.steps ?? []));
  const failed = queries.find(query => query.error !== null);
  if (queries.every(query => !query.isPending) && titles.length === 0) {
    return (
      <>
        <Banner error={failed?.error} />
        <p className="jp-Mlstudio-note">
          {trans.__('None of these trials logged media.')}
        </p>
      </>
    );
  }
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={failed?.error} />
      <div className="jp-Mlstudio-media-bar">
        <label>
          {trans.__('Media')}{' '}
          <select
            value={title}
            onChange={event => setChosen(event.target.value)}
          >
            {titles.map(one => (
              <option key={one} value={one}>
                {one.slice(0, 120)}
              </option>
            ))}
          </select>
        </label>
        <StepSlider
          steps={steps}
          step={step}
          onStep={setStep}
          label={trans.__('Step of all trials')}
        />
      </div>
      <div className="jp-Mlstudio-media-columns">
        <HistogramSpan>
          {names.map((name, i) => {
            const own = series[i];
            // The newest of all, held where a trial has not come so far.
            const at = own
              ? stepAt(own.steps, step ?? steps[steps.length - 1] ?? null)
              : null;
            return (
              <section key={name} aria-label={labels[i]}>
                <h3>
                  <Swatch name={name} />
                  <UserText text={labels[i]} max={60} />
                  {at !== null && (
                    <span className="jp-Mlstudio-why">
                      {trans.__('step %1', formatNumber(at))}
                    </span>
                  )}
                </h3>
                {own && title !== undefined ? (
                  <MediaItems component={name} name={title} step={at} />
                ) : (
                  <p className="jp-Mlstudio-note">
                    {trans.__('It has none of this name.')}
                  </p>
                )}
              </section>
            );
          })}
        </HistogramSpan>
      </div>
    </div>
  );
}
