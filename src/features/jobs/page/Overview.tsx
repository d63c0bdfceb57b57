/** What a job is and where it stands: its steps with their times, its place, what it was granted and used. */
import * as React from 'react';

import type { JobRecord } from '../../../api/types';
import {
  Status,
  UserText,
  elapsed,
  formatBytes,
  formatDuration,
  formatTime,
  isRunning,
  useNow,
  useStudio
} from '../../../components/common';
import { Field } from '../../../components/common/fields';
import { shownAs } from '../order';
import { Duration, Pace } from '../parts';
import { pathsText, stepText } from '../words';

interface IJobProps {
  readonly job: JobRecord;
}

type Step = NonNullable<JobRecord['transitions']>[number];

function clock(micros: number): string {
  return new Date(micros / 1000).toLocaleTimeString(
    document.documentElement.lang || undefined
  );
}

/** The steps, each with when it began, how long it took and its part of the whole. */
function Timeline(props: IJobProps): React.ReactElement | null {
  const { trans } = useStudio();
  const { job } = props;
  const open = isRunning(job.status);
  const now = useNow(open);
  const steps: readonly Step[] = job.transitions ?? [];
  if (steps.length === 0) {
    return null;
  }
  const begin = steps[0].start_time;
  const end = job.ended_at ?? now * 1000;
  const whole = Math.max(1, end - begin);
  return (
    <>
      <h3>{trans.__('Steps')}</h3>
      <ol className="jp-Mlstudio-jobsteps" aria-label={trans.__('Steps')}>
        {steps.map((step, i) => {
          const last = i === steps.length - 1;
          const until =
            step.end_time ?? (last && !open ? step.start_time : end);
          const ms = elapsed(step.start_time, until, now) ?? 0;
          // The last step of an ended job is a moment.
          const moment = last && !open;
          const said = step.message?.replace(/\.$/, '');
          return (
            <li
              key={i}
              data-step={step.status}
              aria-current={last && open ? 'step' : undefined}
            >
              <span className="jp-Mlstudio-jobsteps-name">
                {stepText(step.status, trans)}
              </span>
              <time
                title={formatTime(step.start_time)}
                dateTime={new Date(step.start_time / 1000).toISOString()}
              >
                {clock(step.start_time)}
              </time>
              <span className="jp-Mlstudio-jobsteps-took">
                {moment ? '' : formatDuration(ms)}
              </span>
              <span className="jp-Mlstudio-jobsteps-bar" aria-hidden="true">
                {!moment && (
                  <span
                    style={{
                      marginInlineStart: `${(100 * (step.start_time - begin)) / whole}%`,
                      width: `${Math.max(0.5, (100 * (until - step.start_time)) / whole)}%`
                    }}
                  />
                )}
              </span>
              {/* Why it failed stands above already. */}
              {said && said !== step.status && step.status !== 'Failed' && (
                <span className="jp-Mlstudio-jobsteps-said">
                  <UserText text={step.message ?? ''} />
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** What it got of the host, how that differs from what it asked for, and what it used. */
function Resources(props: IJobProps): React.ReactElement {
  const { trans } = useStudio();
  const { spec, grant, usage } = props.job;
  const notices = grant?.notices ?? [];
  return (
    <>
      <h3>{trans.__('Resources')}</h3>
      <dl className="jp-Mlstudio-fields">
        <Field label={trans.__('Size')}>
          {spec.instance_count ?? 1} ×{' '}
          <UserText text={spec.instance_type ?? 'local'} />
        </Field>
        {grant && (
          <>
            <Field label={trans.__('CPUs')}>
              {grant.vcpu ?? 0}
              {(grant.cpus ?? []).length > 0 &&
                ` (${trans.__('cores %1', (grant.cpus ?? []).join(', '))})`}
            </Field>
            <Field label={trans.__('Memory limit')}>
              {typeof grant.memory_mib === 'number'
                ? `${(grant.memory_mib / 1024).toFixed(1)} GiB`
                : trans.__('none')}
            </Field>
            {(grant.gpus ?? []).length > 0 && (
              <Field label={trans.__('GPUs')}>
                <UserText text={(grant.gpus ?? []).join(', ')} />
              </Field>
            )}
            {grant.paths && (
              <Field label={trans.__('Paths')}>
                {pathsText(grant.paths, trans)}
              </Field>
            )}
          </>
        )}
        {usage && (
          <>
            <Field label={trans.__('CPU time')}>
              {formatDuration(1000 * Number(usage.cpu_seconds ?? 0))}
            </Field>
            <Field label={trans.__('Most memory')}>
              {formatBytes(usage.max_rss ?? 0)}
              {(usage.oom_kills ?? 0) > 0 &&
                ` · ${trans._n('%1 process killed for memory', '%1 processes killed for memory', usage.oom_kills ?? 0)}`}
            </Field>
          </>
        )}
      </dl>
      {notices.length > 0 && (
        <ul
          className="jp-Mlstudio-notices"
          aria-label={trans.__('Notices of the host')}
        >
          {notices.map(text => (
            <li key={text}>
              <UserText text={text} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The jobs, the experiment and the schedule that this belongs to. */
function Relations(props: IJobProps): React.ReactElement {
  const { trans, commands } = useStudio();
  const { spec, trial_component: component } = props.job;
  const experiment = spec.experiment_config?.experiment_name;
  const link = (
    text: string,
    command: string,
    name: string
  ): React.ReactElement => (
    <button
      type="button"
      className="jp-Mlstudio-link"
      onClick={() => void commands.execute(command, { name })}
    >
      <UserText text={text} max={120} />
    </button>
  );
  return (
    <>
      <Field label={trans.__('Recorded as')}>
        {link(component, 'mlstudio:open-component', component)}
      </Field>
      {experiment && (
        <Field label={trans.__('Experiment')}>
          {link(experiment, 'mlstudio:open-experiment', experiment)}
        </Field>
      )}
      {spec.rerun_of && (
        <Field label={trans.__('Repeats')}>
          {link(spec.rerun_of, 'mlstudio:open-job', spec.rerun_of)}
        </Field>
      )}
      {spec.schedule && (
        <Field label={trans.__('Schedule')}>
          <UserText text={spec.schedule} />
        </Field>
      )}
    </>
  );
}

/** The tab "Overview". */
export function Overview(props: IJobProps): React.ReactElement {
  const { trans } = useStudio();
  const { job } = props;
  const open = isRunning(job.status);
  return (
    <div className="jp-Mlstudio-page-body">
      {job.failure_reason && (
        <div className="jp-Mlstudio-conflict jp-mod-failed" role="note">
          <p className="jp-Mlstudio-failure">
            <bdi>{job.failure_reason}</bdi>
          </p>
        </div>
      )}
      <dl className="jp-Mlstudio-fields">
        <Field label={trans.__('Status')}>
          <Status status={shownAs(job)} words />
          {open && job.secondary !== 'Training' && (
            <span className="jp-Mlstudio-said">
              {stepText(job.secondary, trans)}
            </span>
          )}
        </Field>
        {open && job.secondary !== 'Training' && job.status_message && (
          <Field
            label={
              job.secondary === 'Pending' ? trans.__('Why') : trans.__('Now')
            }
          >
            <UserText text={job.status_message} max={1000} />
          </Field>
        )}
        {open && job.secondary !== 'Pending' && (
          <Field label={trans.__('Progress')}>
            <Pace job={job} watched />
          </Field>
        )}
        <Field label={trans.__('Duration')}>
          <Duration job={job} />
        </Field>
        <Field label={trans.__('Submitted')}>
          {formatTime(job.created_at)}
        </Field>
        <Field label={trans.__('Ended')}>{formatTime(job.ended_at)}</Field>
        {job.exit_code !== null && job.exit_code !== undefined && (
          <Field label={trans.__('Exit code')}>{job.exit_code}</Field>
        )}
        {(job.attempt ?? 1) > 1 && (
          <Field label={trans.__('Attempt')}>
            {trans.__('%1 of %2', job.attempt, (job.spec.retries ?? 0) + 1)}
          </Field>
        )}
        <Relations job={job} />
        {job.run_dir && (
          <Field label={trans.__('Folder')}>
            <UserText text={job.run_dir} />
          </Field>
        )}
      </dl>
      <Timeline job={job} />
      <Resources job={job} />
    </div>
  );
}
