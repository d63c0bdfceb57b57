/** The page on which a file becomes a job, now or on a schedule. */
import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { bannerOf } from '../../api/errors';
import {
  Banner,
  StudioWidget,
  UserText,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { schedule, submit, useExperiments, useParameters } from './data';
import {
  fieldOf,
  isNotebook,
  jobOf,
  newForm,
  parametersOf,
  rememberedOf,
  scheduleOf
} from './form';
import type { IForm, Problems } from './form';
import { recall, remember } from './memory';
import { Environment, Line, Parameters, Row, Size, When } from './Values';

/** Write a file's unsaved changes, if it is open. */
export type Save = (path: string) => Promise<void>;

function told(services: IStudioServices, job: string): void {
  const { trans, commands } = services;
  Notification.success(trans.__('Job “%1” was submitted.', job), {
    autoClose: 8000,
    actions: [
      {
        label: trans.__('Open job'),
        callback: () =>
          void commands.execute('mlstudio:open-job', { name: job })
      }
    ]
  });
}

interface IPageProps {
  readonly path: string;
  readonly save: Save;
}

function Page(props: IPageProps): React.ReactElement {
  const services = useStudio();
  const { trans, commands } = services;
  const { path } = props;
  const notebook = isNotebook(path);
  const [form, setForm] = React.useState<IForm>(() =>
    newForm(recall(), Intl.DateTimeFormat().resolvedOptions().timeZone)
  );
  const [problems, setProblems] = React.useState<Problems>({});
  const [failure, setFailure] = React.useState<unknown>(null);
  const [busy, setBusy] = React.useState(false);
  const experiments = useExperiments();
  const parameters = useParameters(path, notebook);
  const items = parameters.data?.items ?? [];
  const put = (change: Partial<IForm>): void => {
    setForm(now => ({ ...now, ...change }));
    setProblems(now =>
      Object.fromEntries(
        Object.entries(now).filter(([key]) => !(key in change))
      )
    );
  };
  const part = { form, problems, put };
  const send = async (): Promise<void> => {
    await props.save(path);
    if (form.scheduled) {
      const made = await schedule(services, scheduleOf(path, form, items));
      Notification.success(trans.__('Schedule “%1” was made.', made.name), {
        autoClose: 8000
      });
      await commands.execute('mlstudio:open-schedules');
    } else {
      const job = await submit(services, jobOf(path, form, items));
      told(services, job.name);
      await commands.execute('mlstudio:open-job', { name: job.name });
    }
    remember(rememberedOf(form));
  };
  const onSubmit = async (): Promise<void> => {
    const { wrong } = parametersOf(form, items);
    setFailure(null);
    if (wrong.length > 0) {
      const text = trans.__('Not a value: %1', wrong.join(', '));
      setProblems({ parameters: text });
      return;
    }
    setBusy(true);
    setProblems({});
    try {
      await send();
    } catch (error) {
      const field = fieldOf(error);
      const { text, hint } = bannerOf(error, trans);
      if (field === null) {
        setFailure(error);
      } else {
        setProblems({ [field]: `${text} ${hint}`.trim() });
      }
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Run as a job')}>
      <form
        className="jp-Mlstudio-page-body jp-Mlstudio-launch"
        onSubmit={event => {
          event.preventDefault();
          void onSubmit();
        }}
      >
        <h2>
          {trans.__('Run as a job:')} <UserText text={path} max={200} />
        </h2>
        <Banner
          error={parameters.error}
          retry={() => void parameters.refetch()}
        />
        <div className="jp-Mlstudio-form">
          <Line
            {...part}
            field="name"
            label={trans.__('Name')}
            placeholder={
              form.scheduled
                ? undefined
                : trans.__('made from that of the file')
            }
            required={form.scheduled}
          />
          <Size {...part} />
          <Line
            {...part}
            field="experiment"
            label={trans.__('Experiment')}
            placeholder={trans.__('an existing or a new one')}
            list={experiments}
          />
          <Parameters {...part} items={items} />
          {notebook && parameters.isSuccess && items.length === 0 && (
            <>
              <span>{trans.__('Parameters')}</span>
              <p className="jp-Mlstudio-hint">
                {parameters.data.error ??
                  trans.__(
                    'None: a cell with the tag “parameters” that assigns names would be asked for here.'
                  )}
              </p>
            </>
          )}
          {!notebook && (
            <Row
              label={trans.__('Arguments')}
              problem={problems.args}
              hint={trans.__('One a line')}
            >
              {(id, more) => (
                <textarea
                  id={id}
                  className="jp-Mlstudio-area"
                  rows={3}
                  value={form.args}
                  onChange={event => put({ args: event.target.value })}
                  {...more}
                />
              )}
            </Row>
          )}
          <Environment {...part} />
          <Row
            label={trans.__('Copy the whole folder')}
            problem={problems.withFolder}
            hint={trans.__('Else the file alone is copied.')}
          >
            {(id, more) => (
              <input
                id={id}
                type="checkbox"
                checked={form.withFolder}
                onChange={event => put({ withFolder: event.target.checked })}
                {...more}
              />
            )}
          </Row>
          <Line
            {...part}
            field="hours"
            type="number"
            label={trans.__('Time limit (hours)')}
            required
          />
          <Line
            {...part}
            field="retries"
            type="number"
            label={trans.__('Retries')}
            required
          />
          <Line
            {...part}
            field="priority"
            type="number"
            label={trans.__('Priority')}
            hint={trans.__('From -100 to 100; higher goes first.')}
            required
          />
          <Row label={trans.__('Run')}>
            {id => (
              <select
                id={id}
                value={form.scheduled ? 'schedule' : 'now'}
                onChange={event =>
                  put({ scheduled: event.target.value === 'schedule' })
                }
              >
                <option value="now">{trans.__('Now')}</option>
                <option value="schedule">{trans.__('On a schedule')}</option>
              </select>
            )}
          </Row>
          {form.scheduled && <When {...part} />}
        </div>
        <Banner error={failure} />
        <div className="jp-Mlstudio-row">
          <button
            type="submit"
            className="jp-Mlstudio-button jp-mod-accept"
            disabled={busy || (notebook && parameters.isPending)}
          >
            {busy
              ? trans.__('Submitting…')
              : form.scheduled
                ? trans.__('Make schedule')
                : trans.__('Run')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() => void commands.execute('mlstudio:open-schedules')}
          >
            {trans.__('Schedules')}
          </button>
        </div>
      </form>
    </section>
  );
}

class LaunchPage extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly path: string,
    private readonly save: Save
  ) {
    super(services, null);
    this.title.label = services.trans.__(
      'Run %1',
      path.split('/').pop() ?? path
    );
    this.title.caption = path;
  }

  protected inside(): React.ReactElement {
    return <Page path={this.path} save={this.save} />;
  }
}

/** Make the page of one file. */
export function createLaunchPage(
  services: IStudioServices,
  path: string,
  save: Save
): StudioWidget {
  return new LaunchPage(services, path, save);
}
