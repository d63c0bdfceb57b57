/** The page of schedules: when each runs next, what it ran, and what can be done to it. */
import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { bannerOf } from '../../api/errors';
import {
  Banner,
  LiveNote,
  Status,
  StudioWidget,
  UserText,
  formatTime,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';
import {
  patch,
  refreshSchedules,
  remove,
  runNow,
  useHistory,
  useSchedules
} from './data';
import type { Schedule } from './data';
import { Times } from './Values';

/** Milliseconds in which a deletion can be taken back. */
const UNDO = 10_000;

function complain(services: IStudioServices, error: unknown): void {
  const { text, hint } = bannerOf(error, services.trans);
  Notification.error(`${text} ${hint}`.trim().slice(0, 500));
}

function History(props: { readonly schedule: Schedule }): React.ReactElement {
  const { trans, commands } = useStudio();
  const { name, runs } = props.schedule;
  const query = useHistory(name, runs);
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.data?.length === 0 && (
        <p className="jp-Mlstudio-hint">{trans.__('It has not run yet.')}</p>
      )}
      <ul className="jp-Mlstudio-launch-history">
        {query.data?.map(job => (
          <li key={job.uid}>
            <Status status={job.status ?? 'InProgress'} />
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() =>
                void commands.execute('mlstudio:open-job', { name: job.name })
              }
            >
              <UserText text={job.name} max={120} />
            </button>
            <span>{formatTime(job.created_at)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Change when it runs. */
function Edit(props: {
  readonly schedule: Schedule;
  readonly onDone: () => void;
}): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const { schedule, onDone } = props;
  const [cron, setCron] = React.useState(schedule.cron);
  const [timezone, setTimezone] = React.useState(schedule.timezone);
  const [failure, setFailure] = React.useState<unknown>(null);
  const save = async (): Promise<void> => {
    try {
      const { name, version } = schedule;
      await patch(services, name, { cron, timezone, version });
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form
      className="jp-Mlstudio-launch-edit"
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        className="jp-Mlstudio-filter"
        aria-label={trans.__('Cron')}
        required
        value={cron}
        onChange={event => setCron(event.target.value)}
      />
      <input
        className="jp-Mlstudio-filter"
        aria-label={trans.__('Time zone')}
        value={timezone}
        onChange={event => setTimezone(event.target.value)}
      />
      <Times cron={cron} timezone={timezone} />
      <Banner error={failure} />
      <div className="jp-Mlstudio-row">
        <button type="submit" className="jp-Mlstudio-button jp-mod-accept">
          {trans.__('Save')}
        </button>
        <button type="button" className="jp-Mlstudio-button" onClick={onDone}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}

interface IItemProps {
  readonly schedule: Schedule;
  readonly onDelete: () => void;
}

function Item(props: IItemProps): React.ReactElement {
  const services = useStudio();
  const { trans, commands } = services;
  const { schedule } = props;
  const { name } = schedule;
  const [shown, setShown] = React.useState<'edit' | 'history' | null>(null);
  const toggle = (part: 'edit' | 'history'): void =>
    setShown(now => (now === part ? null : part));
  const act = (doing: Promise<unknown>): void => {
    doing.catch((error: unknown) => complain(services, error));
  };
  return (
    <li className="jp-Mlstudio-launch-schedule">
      <h3>
        <UserText text={name} max={120} />
      </h3>
      <p className="jp-Mlstudio-hint">
        <code>{schedule.cron}</code>{' '}
        <UserText text={schedule.timezone} max={60} />
        {' · '}
        {schedule.enabled
          ? trans.__('next %1', formatTime(schedule.next_at))
          : trans.__('off')}
        {' · '}
        {trans.__('last %1', formatTime(schedule.last_at))}
      </p>
      {schedule.last_error && (
        <p className="jp-Mlstudio-launch-problem">
          <UserText text={schedule.last_error} max={300} />
        </p>
      )}
      <div className="jp-Mlstudio-row">
        <label className="jp-Mlstudio-launch-switch">
          <input
            type="checkbox"
            role="switch"
            checked={schedule.enabled ?? true}
            aria-label={trans.__('%1 is on', name)}
            onChange={event =>
              act(patch(services, name, { enabled: event.target.checked }))
            }
          />
          {trans.__('On')}
        </label>
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-label={trans.__('Run %1 now', name)}
          onClick={() =>
            act(
              runNow(services, name).then(job =>
                commands.execute('mlstudio:open-job', { name: job.name })
              )
            )
          }
        >
          {trans.__('Run now')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-expanded={shown === 'history'}
          aria-label={trans.__('History of %1', name)}
          onClick={() => toggle('history')}
        >
          {trans.__('History')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-expanded={shown === 'edit'}
          aria-label={trans.__('Edit %1', name)}
          onClick={() => toggle('edit')}
        >
          {trans.__('Edit')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-label={trans.__('Delete %1', name)}
          onClick={props.onDelete}
        >
          {trans.__('Delete')}
        </button>
      </div>
      {shown === 'history' && <History schedule={schedule} />}
      {shown === 'edit' && (
        <Edit schedule={schedule} onDone={() => setShown(null)} />
      )}
    </li>
  );
}

/** Schedules that are about to go: they are off at once, and gone when nobody took it back. */
async function deleteLater(
  services: IStudioServices,
  schedule: Schedule,
  back: () => void
): Promise<void> {
  const { trans } = services;
  const { name } = schedule;
  await patch(services, name, { enabled: false });
  const timer = setTimeout(() => {
    remove(services, name).catch((error: unknown) => {
      back();
      complain(services, error);
    });
  }, UNDO);
  const undo = (): void => {
    clearTimeout(timer);
    back();
    patch(services, name, { enabled: schedule.enabled ?? true }).catch(
      (error: unknown) => complain(services, error)
    );
  };
  Notification.info(
    trans.__('Schedule “%1” is deleted; its jobs stay.', name),
    {
      autoClose: UNDO - 500,
      actions: [{ label: trans.__('Undo'), callback: undo }]
    }
  );
}

function Page(): React.ReactElement {
  const services = useStudio();
  const { trans } = services;
  const query = useSchedules();
  const [going, setGoing] = React.useState<ReadonlySet<string>>(new Set());
  const hide = (uid: string, hidden: boolean): void =>
    setGoing(now => {
      const next = new Set(now);
      return hidden ? next.add(uid) : (next.delete(uid), next);
    });
  const onDelete = (one: Schedule): void => {
    hide(one.uid, true);
    deleteLater(services, one, () => hide(one.uid, false)).catch(
      (error: unknown) => {
        hide(one.uid, false);
        refreshSchedules();
        complain(services, error);
      }
    );
  };
  const shown = query.data?.filter(one => !going.has(one.uid));
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Schedules')}>
      <LiveNote />
      <div className="jp-Mlstudio-page-body jp-Mlstudio-launch">
        <h2>{trans.__('Schedules')}</h2>
        <Banner error={query.error} retry={() => void query.refetch()} />
        {query.isPending && (
          <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
        )}
        {shown?.length === 0 && (
          <p className="jp-Mlstudio-note">
            {trans.__(
              'No schedules. Choose “Run as Job…” in the toolbar of a notebook or in the menu of a file, and run it on a schedule.'
            )}
          </p>
        )}
        <ul className="jp-Mlstudio-launch-schedules">
          {shown?.map(one => (
            <Item key={one.uid} schedule={one} onDelete={() => onDelete(one)} />
          ))}
        </ul>
      </div>
    </section>
  );
}

class SchedulesPage extends StudioWidget {
  constructor(services: IStudioServices) {
    super(services, null);
    this.title.label = services.trans.__('Schedules');
  }

  protected inside(): React.ReactElement {
    return <Page />;
  }
}

/** Make the page of schedules. */
export function createSchedulesPage(services: IStudioServices): StudioWidget {
  return new SchedulesPage(services);
}
