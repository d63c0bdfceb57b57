/** Overview: status, times, process, where it belongs, notes, tags. */
import * as React from 'react';

import type { ComponentRecord, JobRecord } from '../../../api/types';
import {
  Markdown,
  Status,
  UserText,
  elapsed,
  formatDuration,
  formatNumber,
  formatTime,
  isRunning,
  shownStatus,
  useNow,
  useStudio
} from '../../../components/common';
import { ManyPairs } from './Facts';
import { Field } from './fields';
import { totalOf } from './parts';

/** Tags that are shown; a store may hold any number. */
const TAGS = 100;

interface IOverviewProps {
  readonly component: ComponentRecord;
  readonly job: JobRecord | null;
}

function Trials(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { commands } = useStudio();
  return (
    <ul className="jp-Mlstudio-inline">
      {(props.component.trials ?? []).map(ref => (
        <li key={ref.trial_name}>
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() =>
              void commands.execute('mlstudio:open-experiment', {
                name: ref.experiment_name
              })
            }
          >
            <UserText text={ref.experiment_name} />
          </button>
          {' / '}
          <UserText text={ref.trial_name} />
        </li>
      ))}
    </ul>
  );
}

/** A message that says more than the status beside it; "Completed." after "Completed" does not. */
function newsOf(message: string | null | undefined, status: unknown): string {
  const said = message ?? '';
  return said.replace(/\.$/, '') === status ? '' : said;
}

function Transitions(props: { readonly job: JobRecord }): React.ReactElement {
  const { trans } = useStudio();
  const now = useNow(isRunning(props.job.status));
  return (
    <ol
      className="jp-Mlstudio-timeline"
      aria-label={trans.__('Steps of the job')}
    >
      {(props.job.transitions ?? []).map((one, i) => (
        <li key={i}>
          <span className="jp-Mlstudio-timeline-name">{one.status}</span>
          <span>
            {one.end_time !== null || isRunning(props.job.status)
              ? formatDuration(elapsed(one.start_time, one.end_time, now) ?? 0)
              : ''}
          </span>
          <span className="jp-Mlstudio-note">
            {/* Why it failed stands above already. */}
            {one.status !== 'Failed' && (
              <UserText text={newsOf(one.message, one.status)} />
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Job(props: { readonly job: JobRecord }): React.ReactElement {
  const { trans } = useStudio();
  const { job } = props;
  return (
    <>
      <h3>{trans.__('Job')}</h3>
      <dl className="jp-Mlstudio-fields">
        <Field label={trans.__('Name')}>
          <UserText text={job.name} />
        </Field>
        {isRunning(job.status) && (
          <Field label={trans.__('Now')}>
            {job.secondary}
            {job.status_message ? ' · ' : ''}
            <UserText text={job.status_message ?? ''} />
          </Field>
        )}
        {job.failure_reason && (
          <Field label={trans.__('Failure')}>
            <span className="jp-Mlstudio-failure">
              <UserText text={job.failure_reason} max={2000} />
            </span>
          </Field>
        )}
        {job.exit_code !== null && (
          <Field label={trans.__('Exit code')}>{job.exit_code}</Field>
        )}
        <Field label={trans.__('Entry point')}>
          <UserText text={job.spec.entry_point} />
        </Field>
        <Field label={trans.__('Instances')}>
          {job.spec.instance_count} ×{' '}
          <UserText text={job.spec.instance_type ?? ''} />
        </Field>
        {job.run_dir !== '' && (
          <Field label={trans.__('Folder')}>
            <UserText text={job.run_dir} />
          </Field>
        )}
      </dl>
      <Transitions job={job} />
    </>
  );
}

/** The tab "Overview". */
export function Overview(props: IOverviewProps): React.ReactElement {
  const { trans } = useStudio();
  const { component, job } = props;
  const now = useNow(isRunning(component.status));
  const ms = elapsed(component.start_time, component.end_time, now);
  const tags = Object.entries(component.tags ?? {});
  const more = totalOf(component, 'tags', tags.length) - TAGS;
  const [allTags, setAllTags] = React.useState(false);
  return (
    <div className="jp-Mlstudio-page-body">
      <dl className="jp-Mlstudio-fields">
        <Field label={trans.__('Status')}>
          <Status
            status={shownStatus(component.status, component.start_time ?? null)}
            words
          />
          {/* Why a job failed stands below, line by line. */}
          {!job?.failure_reason && (
            <span className="jp-Mlstudio-said">
              <UserText
                text={newsOf(component.status_message, component.status)}
                max={1024}
              />
            </span>
          )}
        </Field>
        <Field label={trans.__('Started')}>
          {formatTime(component.start_time)}
        </Field>
        <Field label={trans.__('Ended')}>
          {formatTime(component.end_time)}
        </Field>
        <Field label={trans.__('Duration')}>
          {ms === null ? '–' : formatDuration(ms)}
        </Field>
        <Field label={trans.__('Trials')}>
          {(component.trials ?? []).length === 0 ? (
            '–'
          ) : (
            <Trials component={component} />
          )}
        </Field>
        <Field label={trans.__('Kind')}>{component.kind}</Field>
        {component.process && (
          <Field label={trans.__('Process')}>
            {trans.__(
              '%1 on %2',
              component.process.pid ?? 0,
              component.process.host ?? ''
            )}
          </Field>
        )}
        <Field label={trans.__('Made by')}>
          <UserText text={component.created_by} />
        </Field>
        {(component.dropped ?? 0) > 0 && (
          <Field label={trans.__('Lost log calls')}>
            <span className="jp-Mlstudio-failure">{component.dropped}</span>
          </Field>
        )}
        {tags.length > 0 && (
          <Field label={trans.__('Tags')}>
            <ul className="jp-Mlstudio-inline">
              {tags.slice(0, TAGS).map(([key, value]) => (
                <li key={key} className="jp-Mlstudio-chip">
                  <UserText
                    text={value === '' ? key : `${key}: ${value}`}
                    max={80}
                  />
                </li>
              ))}
              {more > 0 && (
                <li>
                  <button
                    type="button"
                    className="jp-Mlstudio-link"
                    aria-expanded={allTags}
                    onClick={() => setAllTags(!allTags)}
                  >
                    {trans.__('and %1 more', formatNumber(more))}
                  </button>
                </li>
              )}
            </ul>
          </Field>
        )}
      </dl>
      {allTags && (
        <ManyPairs
          component={component.name}
          part="tags"
          label={trans.__('Tags')}
          filterLabel={trans.__('Filter tags by name')}
        />
      )}
      {component.description && (
        <>
          <h3>{trans.__('Notes')}</h3>
          <Markdown source={component.description} />
        </>
      )}
      {job && <Job job={job} />}
    </div>
  );
}
