/** The section "Jobs" of the Studio sidebar: what runs, what waits in its order, what ended last. */
import {
  caretDownIcon,
  caretUpIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Banner,
  Status,
  StudioWidget,
  UserText,
  isRunning,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { useAgent, useJobs } from './data';
import { setPriority } from './doing';
import type { JobRow } from './merge';
import { groupJobs, movedPriority, shownAs, waits } from './order';
import {
  AgentBanner,
  Duration,
  Empty,
  Pace,
  saidOf,
  useStateText
} from './parts';

/** Running jobs whose metrics are followed; each is a topic of the socket. */
const WATCHED = 20;

function Tool(props: {
  readonly icon: LabIcon;
  readonly label: string;
  readonly name: string;
  readonly disabled?: boolean;
  readonly act: () => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className="jp-Mlstudio-icon-button"
      title={props.label}
      aria-label={`${props.label}: ${props.name}`}
      disabled={props.disabled}
      onClick={props.act}
    >
      <props.icon.react tag="span" elementSize="normal" />
    </button>
  );
}

interface IRowProps {
  readonly job: JobRow;
  readonly watched: boolean;
  /** The queue, when this waits in it. */
  readonly waiting?: readonly JobRow[];
}

function Moves(props: {
  readonly job: JobRow;
  readonly waiting: readonly JobRow[];
}): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const { name } = props.job;
  const [up, down] = [true, false].map(way =>
    movedPriority(props.waiting, name, way)
  );
  const move = (priority: number | null): void => {
    if (priority !== null) {
      void setPriority(services, name, priority);
    }
  };
  return (
    <>
      <Tool
        icon={caretUpIcon}
        label={trans.__('Earlier')}
        name={name}
        disabled={up === null}
        act={() => move(up)}
      />
      <Tool
        icon={caretDownIcon}
        label={trans.__('Later')}
        name={name}
        disabled={down === null}
        act={() => move(down)}
      />
    </>
  );
}

function Row(props: IRowProps): React.ReactElement {
  const { trans, commands } = useStudio();
  const { job, waiting } = props;
  const state = useStateText(job);
  const said = saidOf(job);
  const running = isRunning(job.status);
  return (
    <li className="jp-Mlstudio-job">
      {job.status === 'InProgress' && (
        <span className="jp-Mlstudio-job-tools" data-count={waiting ? 3 : 1}>
          {waiting && <Moves job={job} waiting={waiting} />}
          <Tool
            icon={stopIcon}
            label={trans.__('Stop')}
            name={job.name}
            act={() =>
              void commands.execute('mlstudio:stop-job', { name: job.name })
            }
          />
        </span>
      )}
      <button
        type="button"
        className="jp-Mlstudio-job-open"
        onClick={() =>
          void commands.execute('mlstudio:open-job', {
            name: job.name,
            view: { tab: running && !waits(job) ? 'log' : 'overview' }
          })
        }
      >
        <span className="jp-Mlstudio-job-head">
          <Status status={shownAs(job)} />
          <span className="jp-Mlstudio-job-name" title={job.name}>
            <UserText text={job.name} />
          </span>
        </span>
        <span className="jp-Mlstudio-job-state">
          {state} · <Duration job={job} />
        </span>
        {said && (
          <span className="jp-Mlstudio-job-said" title={said.slice(0, 2000)}>
            <UserText text={said} max={160} />
          </span>
        )}
        <Pace job={job} watched={props.watched} />
      </button>
    </li>
  );
}

function Group(props: {
  readonly title: string;
  readonly jobs: readonly JobRow[];
  readonly queue?: boolean;
}): React.ReactElement | null {
  const { title, jobs, queue = false } = props;
  if (jobs.length === 0) {
    return null;
  }
  return (
    <>
      <h3 className="jp-Mlstudio-job-group">
        {title} <span className="jp-Mlstudio-count">{jobs.length}</span>
      </h3>
      <ul className="jp-Mlstudio-jobs" aria-label={title}>
        {jobs.map((job, i) => (
          <Row
            key={job.uid}
            job={job}
            watched={i < WATCHED}
            waiting={queue ? jobs : undefined}
          />
        ))}
      </ul>
    </>
  );
}

function Section(props: { readonly limit: number }): React.ReactElement {
  const { trans, commands } = useStudio();
  const query = useJobs(props.limit);
  const jobs = query.data?.jobs ?? [];
  const open = jobs.some(job => isRunning(job.status));
  const agent = useAgent(open);
  const groups = groupJobs(jobs, agent.data?.queue ?? []);
  return (
    <div className="jp-Mlstudio-sidebar-section">
      <Banner error={query.error} retry={() => void query.refetch()} />
      <AgentBanner open={open} />
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.isSuccess && jobs.length === 0 && <Empty />}
      <Group title={trans.__('Running')} jobs={groups.running} />
      <Group title={trans.__('Waiting')} jobs={groups.waiting} queue />
      <Group
        title={trans.__('Recent')}
        jobs={groups.ended.slice(0, props.limit)}
      />
      {jobs.length > 0 && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => void commands.execute('mlstudio:open-jobs', {})}
        >
          {trans.__('All jobs')}
        </button>
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

/** Make the section's widget; `limit` ended jobs are shown, and all open ones. */
export function createJobsSection(
  services: IStudioServices,
  limit: number
): StudioWidget {
  return new JobsSection(services, limit);
}
