/** Jobs as a table in three groups; columns that have no room go, the name and the state stay. */
import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Status,
  UserText,
  formatTime,
  useStudio
} from '../../../components/common';
import { setPriority } from '../doing';
import type { JobRow } from '../merge';
import { movedPriority, shownAs } from '../order';
import type { IGroups } from '../order';
import { Duration, Pace, saidOf, useStateText } from '../parts';

/** Running jobs whose metrics are followed; each is a topic of the socket. */
const WATCHED = 30;
/** Columns that are always there beside the boxes: the name and the state. */
const ALWAYS = 2;

function Move(props: {
  readonly job: JobRow;
  readonly queue: readonly JobRow[];
  readonly up: boolean;
}): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const { job, queue, up } = props;
  const priority = movedPriority(queue, job.name, up);
  const label = up ? trans.__('Earlier') : trans.__('Later');
  const Icon = up ? caretUpIcon : caretDownIcon;
  return (
    <button
      type="button"
      className="jp-Mlstudio-icon-button"
      title={label}
      aria-label={`${label}: ${job.name}`}
      disabled={priority === null}
      onClick={() => {
        if (priority !== null) {
          void setPriority(services, job.name, priority);
        }
      }}
    >
      <Icon.react tag="span" elementSize="normal" />
    </button>
  );
}

interface IRowProps {
  readonly job: JobRow;
  readonly watched: boolean;
  readonly queue: readonly JobRow[] | null;
  readonly picked: boolean;
  readonly onPick: (range: boolean) => void;
}

function Row(props: IRowProps): React.ReactElement {
  const { trans, commands } = useStudio();
  const { job, queue, picked } = props;
  const state = useStateText(job);
  const said = saidOf(job);
  const experiment = job.spec?.experiment_config?.experiment_name;
  return (
    <tr className={picked ? 'jp-mod-picked' : undefined}>
      <td className="jp-Mlstudio-jobs-pick">
        <input
          type="checkbox"
          checked={picked}
          aria-label={trans.__('Choose %1', job.name)}
          onClick={event => props.onPick(event.shiftKey)}
          onChange={() => undefined}
        />
      </td>
      <td className="jp-Mlstudio-jobs-name">
        <span className="jp-Mlstudio-jobs-title">
          <Status status={shownAs(job)} />
          <button
            type="button"
            className="jp-Mlstudio-link"
            data-row
            title={job.name}
            onClick={() =>
              void commands.execute('mlstudio:open-job', { name: job.name })
            }
          >
            <UserText text={job.name} max={120} />
          </button>
        </span>
      </td>
      <td className="jp-Mlstudio-jobs-state">
        {state}
        <span className="jp-mod-narrow">
          {' · '}
          <Duration job={job} />
        </span>
        {queue && (
          <span className="jp-Mlstudio-jobs-moves">
            <Move job={job} queue={queue} up />
            <Move job={job} queue={queue} up={false} />
          </span>
        )}
        <Pace job={job} watched={props.watched} />
        {said && (
          <span className="jp-Mlstudio-why" title={said.slice(0, 2000)}>
            <UserText text={said} max={200} />
          </span>
        )}
      </td>
      <td className="jp-mod-number">
        <Duration job={job} />
      </td>
      <td className="jp-mod-wide">
        <UserText text={job.spec?.instance_type ?? '–'} max={40} />
      </td>
      <td className="jp-mod-wide">
        <UserText text={experiment ?? '–'} max={60} />
      </td>
      <td className="jp-mod-wider jp-mod-short">
        {formatTime(job.created_at)}
      </td>
    </tr>
  );
}

interface ITableProps {
  readonly groups: IGroups;
  /** All that wait, those that the search left out too: a move passes its true neighbour. */
  readonly queue: readonly JobRow[];
  readonly picked: ReadonlySet<string>;
  readonly onPick: (picked: ReadonlySet<string>) => void;
}

/** Up and down go from name to name. */
function onArrows(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [
    ...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')
  ];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (step !== undefined && at >= 0) {
    event.preventDefault();
    links[at + step]?.focus();
  }
}

/** The table. */
export function JobTable(props: ITableProps): React.ReactElement {
  const { trans } = useStudio();
  const { groups, picked, onPick } = props;
  const last = React.useRef<string | null>(null);
  const parts: [title: string, jobs: readonly JobRow[]][] = [
    [trans.__('Running'), groups.running],
    [trans.__('Waiting'), groups.waiting],
    [trans.__('Ended'), groups.ended]
  ];
  const order = parts.flatMap(([, jobs]) => jobs.map(job => job.uid));
  const pick = (uid: string, range: boolean): void => {
    const next = new Set(picked);
    const on = !picked.has(uid);
    const [a, b] = [order.indexOf(last.current ?? uid), order.indexOf(uid)];
    const uids =
      range && a >= 0 ? order.slice(Math.min(a, b), Math.max(a, b) + 1) : [uid];
    uids.forEach(one => (on ? next.add(one) : next.delete(one)));
    last.current = uid;
    onPick(next);
  };
  const pickAll = (jobs: readonly JobRow[], on: boolean): void => {
    const next = new Set(picked);
    jobs.forEach(job => (on ? next.add(job.uid) : next.delete(job.uid)));
    onPick(next);
  };
  return (
    <table
      className="jp-Mlstudio-plain jp-Mlstudio-jobs-table"
      aria-label={trans.__('Jobs')}
      onKeyDown={onArrows}
    >
      <thead>
        <tr>
          <th scope="col" className="jp-Mlstudio-jobs-pick">
            <span className="jp-Mlstudio-hidden">{trans.__('Choose')}</span>
          </th>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col" className="jp-mod-state">
            {trans.__('State')}
          </th>
          <th scope="col" className="jp-mod-number">
            {trans.__('Duration')}
          </th>
          <th scope="col" className="jp-mod-wide">
            {trans.__('Size')}
          </th>
          <th scope="col" className="jp-mod-wide">
            {trans.__('Experiment')}
          </th>
          <th scope="col" className="jp-mod-wider">
            {trans.__('Submitted')}
          </th>
        </tr>
      </thead>
      {parts.map(([title, jobs]) =>
        jobs.length === 0 ? null : (
          <tbody key={title}>
            <tr className="jp-Mlstudio-jobs-group">
              <td className="jp-Mlstudio-jobs-pick">
                <input
                  type="checkbox"
                  checked={jobs.every(job => picked.has(job.uid))}
                  aria-label={trans.__('Choose all of: %1', title)}
                  onChange={event => pickAll(jobs, event.target.checked)}
                />
              </td>
              <th scope="rowgroup" colSpan={ALWAYS}>
                {title} <span className="jp-Mlstudio-count">{jobs.length}</span>
              </th>
            </tr>
            {jobs.map((job, i) => (
              <Row
                key={job.uid}
                job={job}
                watched={i < WATCHED}
                queue={jobs === groups.waiting ? props.queue : null}
                picked={picked.has(job.uid)}
                onPick={range => pick(job.uid, range)}
              />
            ))}
          </tbody>
        )
      )}
    </table>
  );
}
