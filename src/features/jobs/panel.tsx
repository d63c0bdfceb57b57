/** The section "Recent jobs" of the Studio sidebar. */
import { stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Banner,
  Status,
  StudioWidget,
  UserText,
  elapsed,
  formatDuration,
  isRunning,
  statusText,
  useNow,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { useJobs } from './data';
import type { JobRow } from './merge';

const EXAMPLE = `from mlstudio import SKLearn
estimator = SKLearn(
    entry_point="train.py",
    source_dir=".",
    instance_type="local",
)
estimator.fit(job_name="first-job", wait=False)`;

function Empty(): React.ReactElement {
  const { trans, commands } = useStudio();
  return (
    <div className="jp-Mlstudio-empty">
      <p>
        {trans.__('No jobs yet. A job goes on when the notebook is closed:')}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        aria-label={trans.__('Example code')}
      >
        <code>{EXAMPLE}</code>
      </pre>
      <button
        type="button"
        className="jp-Mlstudio-button"
        onClick={() =>
          void commands.execute('mlstudio:insert-code', { code: EXAMPLE })
        }
      >
        {trans.__('Insert into notebook')}
      </button>
    </div>
  );
}

interface IRowProps {
  readonly job: JobRow;
}

function Row(props: IRowProps): React.ReactElement {
  const { trans, commands } = useStudio();
  const { job } = props;
  const running = isRunning(job.status);
  const waits = running && job.secondary === 'Pending';
  const now = useNow(running);
  const ms = elapsed(job.started_at ?? job.created_at, job.ended_at, now);
  // "Training" says more than "In progress", "Completed" twice says nothing.
  const state = running ? job.secondary : statusText(job.status, trans);
  const said =
    job.failure_reason ||
    // Why it waits is worth a line; that a training trains is not.
    (running && job.secondary !== 'Training' ? job.status_message : '');
  return (
    <li className="jp-Mlstudio-job">
      <button
        type="button"
        className="jp-Mlstudio-job-open"
        onClick={() =>
          void commands.execute('mlstudio:open-component', {
            name: job.trial_component,
            view: { tab: running ? 'log' : 'overview' }
          })
        }
      >
        <span className="jp-Mlstudio-job-head">
          <Status status={waits ? 'Pending' : job.status} />
          <span className="jp-Mlstudio-job-name" title={job.name}>
            <UserText text={job.name} />
          </span>
        </span>
        <span className="jp-Mlstudio-job-state">
          {state}
          {ms !== null && ` · ${formatDuration(ms)}`}
        </span>
        {said && (
          <span className="jp-Mlstudio-job-said" title={said.slice(0, 2000)}>
            <UserText text={said} max={120} />
          </span>
        )}
        {running && !waits && (
          <span className="jp-Mlstudio-progress" aria-hidden="true">
            <span />
          </span>
        )}
      </button>
      {job.status === 'InProgress' && (
        <button
          type="button"
          className="jp-Mlstudio-icon-button"
          title={trans.__('Stop')}
          aria-label={trans.__('Stop %1', job.name)}
          onClick={() =>
            void commands.execute('mlstudio:stop-job', { name: job.name })
          }
        >
          <stopIcon.react tag="span" elementSize="small" />
        </button>
      )}
    </li>
  );
}

function Section(props: { readonly limit: number }): React.ReactElement {
  const { trans } = useStudio();
  const query = useJobs(props.limit);
  const jobs = query.data ?? [];
  return (
    <div className="jp-Mlstudio-sidebar-section">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.isSuccess && jobs.length === 0 && <Empty />}
      {jobs.length > 0 && (
        <ul className="jp-Mlstudio-jobs" aria-label={trans.__('Recent jobs')}>
          {jobs.map(job => (
            <Row key={job.uid} job={job} />
          ))}
        </ul>
      )}
    </div>
  );
}

class JobsSection extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly limit: number
  ) {
    super(services);
    this.addClass('jp-Mlstudio-jobs-section');
  }

  protected inside(): React.ReactElement {
    return <Section limit={this.limit} />;
  }
}

/** Make the section's widget; `limit` jobs are shown. */
export function createJobsSection(
  services: IStudioServices,
  limit: number
): StudioWidget {
  return new JobsSection(services, limit);
}
