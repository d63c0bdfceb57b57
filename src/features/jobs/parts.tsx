/** What rows and pages of jobs share: state, progress, last metric, the agent's banner, the empty state. */
import * as React from 'react';

import {
  Banner,
  UserText,
  elapsed,
  formatDuration,
  formatNumber,
  isRunning,
  useNow,
  useStudio
} from '../../components/common';
import { useAgent, useComponent } from './data';
import { startAgent } from './doing';
import type { JobRow } from './merge';
import { waits } from './order';
import { lastMetric, progressOf, timeLeft } from './progress';
import { stepText } from './words';

const EXAMPLE = `from mlstudio import SKLearn
job = SKLearn(entry_point="train.py", instance_type="local")
job.fit(job_name="first-job", wait=False)`;

/** Three lines that make the first job. */
export function Empty(): React.ReactElement {
  const { trans, commands } = useStudio();
  return (
    <div className="jp-Mlstudio-empty">
      <p>
        {trans.__('No jobs yet. A job goes on when the notebook is closed:')}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        role="region"
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

/** A line that says that nobody starts jobs, with the way out; only while jobs are open. */
export function AgentBanner(props: {
  readonly open: boolean;
}): React.ReactElement | null {
  const services = useStudio();
  const { trans } = services;
  const agent = useAgent(props.open);
  const [busy, setBusy] = React.useState(false);
  const [failure, setFailure] = React.useState<unknown>(null);
  if (!props.open || agent.data?.running !== false) {
    return null;
  }
  const start = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await startAgent(services);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="jp-Mlstudio-livenote jp-Mlstudio-agent" role="status">
        <span>
          {trans.__(
            'The agent is not running: jobs that run go on, but none is started and none is told of.'
          )}
        </span>
        <button
          type="button"
          className="jp-Mlstudio-button"
          disabled={busy}
          onClick={() => void start()}
        >
          {busy ? trans.__('Starting…') : trans.__('Start')}
        </button>
      </div>
      <Banner error={failure} />
    </>
  );
}

/** How long it ran, or waits. */
export function Duration(props: { readonly job: JobRow }): React.ReactElement {
  const { job } = props;
  const open = isRunning(job.status);
  const now = useNow(open);
  const ms = elapsed(job.started_at ?? job.created_at, job.ended_at, now);
  return <>{ms === null ? '–' : formatDuration(ms)}</>;
}

/** The state in one or two words. */
export function useStateText(job: JobRow): string {
  const { trans } = useStudio();
  return stepText(job.secondary, trans);
}

/** Why it waits or failed, or what it does now, where that is worth a line. */
export function saidOf(job: JobRow): string {
  if (job.failure_reason) {
    return job.failure_reason;
  }
  // That a training trains is not worth a line.
  return isRunning(job.status) && job.secondary !== 'Training'
    ? (job.status_message ?? '')
    : '';
}

/** What the component of a job tells of it: how far it is, and its last metric. */
export function usePace(job: JobRow, watched: boolean) {
  const running = isRunning(job.status) && !waits(job);
  const component = useComponent(
    watched && running ? job.trial_component : null
  );
  const series = component.data?.metrics ?? [];
  const progress = running
    ? progressOf(job.spec?.hyperparameters ?? {}, series)
    : null;
  return { progress, metric: running ? lastMetric(series) : null, running };
}

/** A bar; one that slides where nobody knows how far it is. */
export function Progress(props: {
  readonly value: number | null;
  readonly label: string;
}): React.ReactElement {
  const { value, label } = props;
  if (value === null) {
    return (
      <span className="jp-Mlstudio-progress" aria-hidden="true">
        <span />
      </span>
    );
  }
  const percent = Math.round(100 * value);
  return (
    <span
      className="jp-Mlstudio-progress jp-mod-known"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

/** Progress with its percent and the time that is left, and the last metric. */
export function Pace(props: {
  readonly job: JobRow;
  readonly watched: boolean;
}): React.ReactElement | null {
  const { trans } = useStudio();
  const { job } = props;
  const { progress, metric, running } = usePace(job, props.watched);
  const now = useNow(running && progress !== null, 5000);
  if (!running) {
    return null;
  }
  const left = timeLeft(progress, elapsed(job.started_at, null, now));
  const words = [
    progress === null ? '' : `${Math.round(100 * progress)} %`,
    left === null ? '' : trans.__('%1 left', formatDuration(left))
  ].filter(Boolean);
  return (
    <span className="jp-Mlstudio-pace">
      <Progress value={progress} label={trans.__('Progress of %1', job.name)} />
      {(words.length > 0 || metric) && (
        <span className="jp-Mlstudio-pace-text">
          <span>{words.join(' · ')}</span>
          {metric && (
            <span className="jp-Mlstudio-pace-metric">
              <UserText text={metric.name} max={40} />{' '}
              <strong>{formatNumber(metric.last)}</strong>
            </span>
          )}
        </span>
      )}
    </span>
  );
}
