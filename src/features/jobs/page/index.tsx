/** The page of one job: where it stands, its log, its metrics, its files, its code; what can be done to it. */
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type { JobRecord } from '../../../api/types';
import {
  Banner,
  LiveNote,
  Status,
  StudioWidget,
  Tabs,
  UserText,
  isRunning,
  useNow,
  useStudio
} from '../../../components/common';
import type { IStudioServices, ITab } from '../../../components/common';
import { JobLog } from '../../../components/log';
import { useAgent, useJob, useJobs } from '../data';
import { cloneJob, deleteJobs, setPriority, stopNow } from '../doing';
import { groupJobs, movedPriority, shownAs, waits } from '../order';
import { AgentBanner, Duration } from '../parts';
import { stepText } from '../words';
import { Difference } from './Difference';
import { Configuration, Source } from './Facts';
import { Files } from './Files';
import { Metrics } from './Metrics';
import { Overview } from './Overview';
import { Rerun } from './Rerun';

interface IJobProps {
  readonly job: JobRecord;
}

/** How many seconds a job that was told to stop has at most; null when it was not. */
export function graceLeft(
  job: Pick<JobRecord, 'status' | 'transitions'>,
  grace: number,
  nowMs: number
): number | null {
  if (job.status !== 'Stopping') {
    return null;
  }
  const told = (job.transitions ?? []).filter(one => one.status === 'Stopping');
  const since = told[told.length - 1]?.start_time ?? nowMs * 1000;
  return Math.max(0, Math.ceil(grace - (nowMs - since / 1000) / 1000));
}

/** Stop, and while it stops the countdown and the way to end it now. */
function Stop(props: IJobProps & { readonly grace: number }) {
  const services = useStudio();
  const { trans, commands } = services;
  const { job, grace } = props;
  const stopping = job.status === 'Stopping';
  const now = useNow(stopping);
  const left = graceLeft(job, grace, now);
  if (!isRunning(job.status)) {
    return null;
  }
  if (!stopping) {
    return (
      <button
        type="button"
        className="jp-Mlstudio-button jp-mod-warn"
        disabled={job.stop_requested ?? false}
        onClick={() =>
          void commands.execute('mlstudio:stop-job', { name: job.name })
        }
      >
        {job.stop_requested ? trans.__('Stopping…') : trans.__('Stop job')}
      </button>
    );
  }
  return (
    <>
      <span className="jp-Mlstudio-grace" role="timer">
        {left === 0
          ? trans.__('Ending…')
          : trans.__('Ends within %1 s', left ?? 0)}
      </span>
      <button
        type="button"
        className="jp-Mlstudio-button jp-mod-warn"
        onClick={() => void stopNow(services, job.name)}
      >
        {trans.__('Stop now')}
      </button>
    </>
  );
}

/** Earlier and later, for a job that waits. */
function Moves(props: IJobProps): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const jobs = useJobs(100).data?.jobs ?? [];
  const queue = useAgent(true).data?.queue ?? [];
  const { waiting } = groupJobs(jobs, queue);
  const { name } = props.job;
  const at = waiting.findIndex(job => job.name === name);
  const button = (up: boolean, label: string): React.ReactElement => {
    const priority = movedPriority(waiting, name, up);
    return (
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={priority === null}
        onClick={() => {
          if (priority !== null) {
            void setPriority(services, name, priority);
          }
        }}
      >
        {label}
      </button>
    );
  };
  return (
    <>
      {at >= 0 && (
        <span className="jp-Mlstudio-grace">
          {trans.__('%1 of %2 in the queue', at + 1, waiting.length)}
        </span>
      )}
      {button(true, trans.__('Earlier'))}
      {button(false, trans.__('Later'))}
    </>
  );
}

interface IHeadProps extends IJobProps {
  readonly grace: number;
  readonly onTab: (id: string) => void;
  readonly onGone: () => void;
}

function Head(props: IHeadProps): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const { job } = props;
  const open = isRunning(job.status);
  return (
    <header className="jp-Mlstudio-page-head">
      <div>
        <h2>
          <UserText text={job.name} max={120} />
        </h2>
      </div>
      <Status status={shownAs(job)} words />
      <span className="jp-Mlstudio-grace">
        {open &&
          !waits(job) &&
          job.secondary !== 'Training' &&
          `${stepText(job.secondary, trans)} · `}
        <Duration job={job} />
      </span>
      <div className="jp-Mlstudio-page-tools">
        {waits(job) && <Moves job={job} />}
        <Stop job={job} grace={props.grace} />
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => props.onTab('rerun')}
        >
          {trans.__('Run again…')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          title={trans.__('Put the code that submits the same into a notebook')}
          onClick={() => void cloneJob(services, job.name)}
        >
          {trans.__('To notebook')}
        </button>
        {!open && (
          <button
            type="button"
            className="jp-Mlstudio-button"
            onClick={() =>
              void deleteJobs(services, [job.name]).then(
                done => done && props.onGone()
              )
            }
          >
            {trans.__('Delete…')}
          </button>
        )}
      </div>
    </header>
  );
}

interface IPageProps {
  readonly name: string;
  readonly tab: string;
  readonly other: string;
  readonly grace: number;
  readonly onView: (view: JSONObject) => void;
  readonly onGone: () => void;
}

function tabsOf(
  job: JobRecord,
  props: IPageProps,
  trans: IStudioServices['trans']
): ITab[] {
  return [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => <Overview job={job} />
    },
    { id: 'log', label: trans.__('Log'), render: () => <JobLog job={job} /> },
    {
      id: 'metrics',
      label: trans.__('Metrics'),
      render: () => <Metrics job={job} />
    },
    {
      id: 'files',
      label: trans.__('Inputs and outputs'),
      render: () => <Files job={job} />
    },
    {
      id: 'source',
      label: trans.__('Source'),
      render: () => <Source job={job} />
    },
    {
      id: 'configuration',
      label: trans.__('Configuration'),
      render: () => <Configuration job={job} />
    },
    {
      id: 'diff',
      label: trans.__('Compare'),
      render: () => (
        <Difference
          job={job}
          other={props.other}
          onOther={other => props.onView({ other })}
        />
      )
    },
    {
      id: 'rerun',
      label: trans.__('Run again'),
      render: () => <Rerun key={job.uid} job={job} />
    }
  ];
}

function Page(props: IPageProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useJob(props.name);
  const job = query.data;
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Job')}>
      {query.error === null ? (
        <LiveNote />
      ) : (
        <Banner error={query.error} retry={() => void query.refetch()} />
      )}
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {job === null && (
        <p className="jp-Mlstudio-note" role="status">
          {trans.__('This job was deleted.')}
        </p>
      )}
      {job && (
        <>
          <AgentBanner open={isRunning(job.status)} />
          <Head
            job={job}
            grace={props.grace}
            onTab={tab => props.onView({ tab })}
            onGone={props.onGone}
          />
          <Tabs
            label={trans.__('Parts of the job')}
            tabs={tabsOf(job, props, trans)}
            selected={props.tab}
            onSelect={tab => props.onView({ tab })}
          />
        </>
      )}
    </section>
  );
}

class JobPage extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly jobName: string,
    state: JSONObject | null,
    private readonly grace: number
  ) {
    super(services, state);
    this.addClass('jp-Mlstudio-component');
    this.title.label = jobName.slice(0, 60);
  }

  applyView(view: JSONObject): void {
    this.keep(view);
    this.update();
  }

  protected inside(): React.ReactElement {
    const { tab, other } = this.state;
    return (
      <Page
        name={this.jobName}
        tab={typeof tab === 'string' ? tab : 'overview'}
        other={typeof other === 'string' ? other : ''}
        grace={this.grace}
        onView={view => this.applyView(view)}
        // The page is inside a main area widget, which closes with its content.
        onGone={() => this.parent?.close()}
      />
    );
  }
}

/** Make the page of the job of this name; a stopped one has `grace` seconds. */
export function createJobPage(
  services: IStudioServices,
  name: string,
  state: JSONObject | null,
  grace: number
): StudioWidget {
  return new JobPage(services, name, state, grace);
}
