/** All media of a component: a card for each name, with a slider over its steps. */
import * as React from 'react';

import { Banner, UserText, useStudio } from '../common';
import { HistogramSteps } from './HistogramSteps';
import { MediaView } from './MediaView';
import { StepSlider } from './StepSlider';
import { useMediaAt, useMediaSeries } from './data';
import type { MediaSeries } from './inline';
import { stepAt } from './steps';

/** Names whose media are drawn before "show more" is asked for. */
const FIRST = 12;

interface IItemsProps {
  readonly component: string;
  readonly name: string;
  readonly step: number | null;
}

/** The media of a name at a step. */
export function MediaItems(props: IItemsProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useMediaAt(props.component, props.name, props.step);
  const items = query.data ?? [];
  return (
    <div className="jp-Mlstudio-media-items" aria-busy={query.isFetching}>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && query.error === null && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {items.map(item => (
        <MediaView
          key={item.seq}
          item={item}
          size={items.length > 1 ? 512 : 1024}
        />
      ))}
    </div>
  );
}

function Card(props: {
  readonly component: string;
  readonly series: MediaSeries;
}): React.ReactElement {
  const { trans } = useStudio();
  const { component, series } = props;
  const [step, setStep] = React.useState<number | null>(null);
  return (
    <section
      className="jp-Mlstudio-media-card"
      aria-label={trans.__('Media “%1”', series.name)}
    >
      <h3>
        <UserText text={series.name} max={120} />
      </h3>
      <StepSlider
        steps={series.steps}
        step={step}
        onStep={setStep}
        label={trans.__('Step of %1', series.name)}
      />
      {series.kind === 'histogram' && series.steps.length > 1 && (
        <HistogramSteps
          component={component}
          series={series}
          step={stepAt(series.steps, step)}
          onStep={setStep}
        />
      )}
      <MediaItems
        component={component}
        name={series.name}
        step={stepAt(series.steps, step)}
      />
    </section>
  );
}

/** The gallery; says so when there are none. */
export function MediaGallery(props: {
  readonly component: string;
}): React.ReactElement {
  const { trans } = useStudio();
  const query = useMediaSeries(props.component);
  const [shown, setShown] = React.useState(FIRST);
  const [filter, setFilter] = React.useState('');
  const all = query.data ?? [];
  const wanted = filter.trim().toLowerCase();
  const found = all.filter(one => one.name.toLowerCase().includes(wanted));
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && query.error === null && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.isSuccess && all.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__(
            'No media were logged. run.image(name, array, step=…) shows here.'
          )}
        </p>
      )}
      {all.length > FIRST && (
        <input
          type="search"
          className="jp-Mlstudio-filter"
          aria-label={trans.__('Filter media by name')}
          placeholder={trans.__('Filter by name')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      <div className="jp-Mlstudio-media-cards">
        {found.slice(0, shown).map(series => (
          <Card key={series.name} component={props.component} series={series} />
        ))}
      </div>
      {found.length > shown && (
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => setShown(shown + FIRST)}
        >
          {trans.__('Show %1 more', Math.min(FIRST, found.length - shown))}
        </button>
      )}
    </div>
  );
}
