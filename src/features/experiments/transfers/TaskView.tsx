/** A task and what it reports: how far it is, a way to stop it, what it did and what it left out. */
import * as React from 'react';

import type { Schemas } from '../../../api/types';
import {
  UserText,
  formatBytes,
  formatDuration,
  formatNumber,
  useStudio
} from '../../../components/common';
import { stopTask } from './task';
import { isOpen, saidOf } from './taskState';
import type { TaskRecord } from './taskState';

type Report = Schemas['TransferReport'];

/** What could not be carried, listed before "show all" is asked for. */
const FIRST = 100;

function Skipped(props: {
  readonly skipped: Report['skipped'];
}): React.ReactElement | null {
  const { trans } = useStudio();
  const [all, setAll] = React.useState(false);
  const { skipped } = props;
  if (skipped.length === 0) {
    return null;
  }
  return (
    <>
      <h3>{trans.__('Left out')}</h3>
      <ul className="jp-Mlstudio-skipped">
        {(all ? skipped : skipped.slice(0, FIRST)).map((one, i) => (
          <li key={i}>
            <UserText text={one.what} />
            {one.count > 1 && ` × ${formatNumber(one.count)}`}
            <span className="jp-Mlstudio-why">
              <UserText text={one.why} max={600} />
            </span>
          </li>
        ))}
      </ul>
      {!all && skipped.length > FIRST && (
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1', skipped.length)}
        </button>
      )}
    </>
  );
}

/** What a transfer did, or would do. */
export function ReportView(props: {
  readonly report: Report;
  readonly trial: boolean;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const { report, trial } = props;
  const counts: [string, string][] = [
    [trans.__('New runs'), formatNumber(report.runs)],
    [trans.__('Grown'), formatNumber(report.updated)],
    [trans.__('Already here'), formatNumber(report.unchanged)],
    [trans.__('Points'), formatNumber(report.points)],
    [trans.__('Parameters'), formatNumber(report.params)],
    [trans.__('Artifacts'), formatNumber(report.artifacts)],
    [trans.__('Media'), formatNumber(report.media)],
    [trans.__('Bytes'), formatBytes(report.bytes)],
    [trans.__('Time'), formatDuration(1000 * report.seconds)]
  ];
  return (
    <section
      aria-label={trial ? trans.__('What would come') : trans.__('What came')}
    >
      <h3>{trial ? trans.__('What would come') : trans.__('What came')}</h3>
      <dl className="jp-Mlstudio-counts">
        {counts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {report.experiments.length > 0 && (
        <>
          <h3>{trans.__('Experiments')}</h3>
          <ul className="jp-Mlstudio-inline">
            {report.experiments.slice(0, FIRST).map(name => (
              <li key={name}>
                {trial ? (
                  <UserText text={report.titles?.[name] ?? name} max={120} />
                ) : (
                  <button
                    type="button"
                    className="jp-Mlstudio-link"
                    onClick={() =>
                      void commands.execute('mlstudio:open-experiment', {
                        name
                      })
                    }
                  >
                    <UserText text={report.titles?.[name] ?? name} max={120} />
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {report.notes.map((note, i) => (
        <p key={i}>
          <UserText text={note} max={1000} />
        </p>
      ))}
      <Skipped skipped={report.skipped} />
    </section>
  );
}

/** How far a task is. */
export function TaskProgress(props: {
  readonly task: TaskRecord;
}): React.ReactElement {
  const { api, trans } = useStudio();
  const { task } = props;
  const [asked, setAsked] = React.useState(false);
  const states: Record<TaskRecord['status'], string> = {
    InProgress: trans.__('In progress'),
    Completed: trans.__('Completed'),
    Failed: trans.__('Failed'),
    Stopped: trans.__('Stopped')
  };
  const known = task.total !== null && task.total > 0;
  return (
    <div className="jp-Mlstudio-task" data-status={task.status}>
      <div className="jp-Mlstudio-task-head" role="status">
        <strong>{states[task.status]}</strong>
        {isOpen(task) && known && (
          <span>
            {trans.__(
              '%1 of %2',
              formatNumber(task.done),
              formatNumber(task.total)
            )}
          </span>
        )}
        <UserText text={saidOf(task)} max={600} />
      </div>
      {isOpen(task) && (
        <>
          <progress
            aria-label={trans.__('Progress')}
            max={known ? (task.total ?? 1) : undefined}
            value={known ? task.done : undefined}
          />
          <button
            type="button"
            className="jp-Mlstudio-button jp-mod-warn"
            disabled={asked}
            onClick={() => {
              setAsked(true);
              void stopTask(api, task.uid).catch(() => setAsked(false));
            }}
          >
            {asked ? trans.__('Stopping…') : trans.__('Stop')}
          </button>
        </>
      )}
    </div>
  );
}
