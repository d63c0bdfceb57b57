/** Curves of a job, live: its own metrics, and what it takes of the machine. */
import * as React from 'react';

import type { JobRecord } from '../../../api/types';
import { Banner, isRunning, useStudio } from '../../../components/common';
import { CurveGrid, curveGroups } from '../../../components/curves';
import { useComponent } from '../data';

/** The tab "Metrics". */
export function Metrics(props: {
  readonly job: JobRecord;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const { job } = props;
  const component = job.trial_component;
  const query = useComponent(component);
  const metrics = query.data?.metrics ?? [];
  const { own, system } = curveGroups([{ component, metrics }]);
  const single = metrics.length > 0 && own.length + system.length === 0;
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.isSuccess && metrics.length === 0 && (
        <p className="jp-Mlstudio-note">
          {isRunning(job.status)
            ? trans.__('No metrics yet. They appear here as they are logged.')
            : trans.__('No metrics were recorded.')}
        </p>
      )}
      {own.length + system.length > 0 && (
        <CurveGrid
          // What has resources from its second look on begins on the time axis too.
          key={system.length > 0 ? 'time' : 'step'}
          syncKey={component}
          parts={[
            { title: trans.__('Metrics'), groups: own },
            { title: trans.__('Resources'), groups: system, ownSteps: true }
          ]}
        />
      )}
      {single && (
        <p className="jp-Mlstudio-note">
          {trans.__('Each metric has one value so far: there is no curve.')}
        </p>
      )}
      {metrics.length > 0 && (
        <p className="jp-Mlstudio-note">
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() =>
              void commands.execute('mlstudio:open-component', {
                name: component,
                view: { tab: 'metrics' }
              })
            }
          >
            {trans.__('All metrics as a table')}
          </button>
        </p>
      )}
    </>
  );
}
