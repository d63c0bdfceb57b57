/** Runs from elsewhere: say where they are, look what would come, let it come. */
import { useMutation, useQuery } from '@tanstack/react-query';
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import {
  Banner,
  StudioWidget,
  studioQueryClient,
  useStudio
} from '../../../components/common';
import type { IStudioServices } from '../../../components/common';
import { ReportView, TaskProgress } from './TaskView';
import { keptOf, requestOf } from './request';
import type { IAsked, IStarted, SourceKind } from './request';
import { useTask } from './task';
import { isOpen, onlyLooks, runningImport } from './taskState';

interface ISource {
  readonly kind: SourceKind;
  readonly label: string;
  readonly hint: string;
}

function sourcesOf(trans: IStudioServices['trans']): ISource[] {
  return [
    {
      kind: 'mlflow',
      label: trans.__('MLflow'),
      hint: trans.__(
        'A folder like mlruns, or a database: sqlite:///…/mlflow.db'
      )
    },
    {
      kind: 'tensorboard',
      label: trans.__('TensorBoard'),
      hint: trans.__('A folder of event files; every folder below is a run')
    },
    {
      kind: 'wandb',
      label: trans.__('Weights & Biases'),
      hint: trans.__('A wandb folder with offline runs')
    },
    {
      kind: 'smexperiments',
      label: trans.__('SageMaker Experiments'),
      hint: trans.__('A JSON file or a folder of them, as written by the SDK')
    }
  ];
}

interface IFormProps {
  readonly asked: IAsked;
  readonly busy: boolean;
  readonly looked: boolean;
  readonly onChange: (asked: IAsked) => void;
  readonly onRun: (dryRun: boolean) => void;
}

function Form(props: IFormProps): React.ReactElement {
  const { trans } = useStudio();
  const { asked, busy, looked, onChange } = props;
  const id = React.useId();
  const sources = sourcesOf(trans);
  const ready = asked.source.trim() !== '' && !busy;
  return (
    <form
      className="jp-Mlstudio-form"
      onSubmit={event => {
        event.preventDefault();
        if (ready) {
          props.onRun(!looked);
        }
      }}
    >
      <label htmlFor={`${id}-kind`}>{trans.__('From')}</label>
      <select
        id={`${id}-kind`}
        value={asked.kind}
        onChange={event =>
          onChange({ ...asked, kind: event.target.value as SourceKind })
        }
      >
        {sources.map(one => (
          <option key={one.kind} value={one.kind}>
            {one.label}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-source`}>{trans.__('Where')}</label>
      <div>
        <input
          id={`${id}-source`}
          className="jp-Mlstudio-filter"
          aria-describedby={`${id}-hint`}
          spellCheck={false}
          autoComplete="off"
          value={asked.source}
          onChange={event => onChange({ ...asked, source: event.target.value })}
        />
        <p id={`${id}-hint`} className="jp-Mlstudio-hint">
          {sources.find(one => one.kind === asked.kind)?.hint}
          {'. '}
          {trans.__('As the server’s machine sees it.')}
        </p>
      </div>
      <label htmlFor={`${id}-experiment`}>{trans.__('Into experiment')}</label>
      <input
        id={`${id}-experiment`}
        className="jp-Mlstudio-filter"
        placeholder={trans.__('the names they have there')}
        spellCheck={false}
        autoComplete="off"
        value={asked.experiment}
        onChange={event =>
          onChange({ ...asked, experiment: event.target.value })
        }
      />
      <span />
      <div className="jp-Mlstudio-row">
        <button
          type="button"
          className={`jp-Mlstudio-button${looked ? '' : ' jp-mod-accept'}`}
          disabled={!ready}
          onClick={() => props.onRun(true)}
        >
          {trans.__('Look what would come')}
        </button>
        <button
          type="button"
          className={`jp-Mlstudio-button${looked ? ' jp-mod-accept' : ''}`}
          disabled={!ready}
          onClick={() => props.onRun(false)}
        >
          {trans.__('Import')}
        </button>
      </div>
    </form>
  );
}

/** The import that this page began, or one that runs already when the page opens. */
function useStarted(
  kept: IStarted | null,
  asked: IAsked
): [IStarted | null, (started: IStarted | null) => void] {
  const { api } = useStudio();
  const [started, setStarted] = React.useState(kept);
  const tasks = useQuery({
    queryKey: ['tasks'],
    enabled: started === null,
    staleTime: 0,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/tasks', { signal })).items
  });
  const running = runningImport(tasks.data ?? []);
  React.useEffect(() => {
    if (running !== undefined) {
      const { uid } = running;
      setStarted(now => now ?? { uid, dryRun: onlyLooks(running), asked });
    }
  }, [running?.uid]);
  return [started, setStarted];
}

function Inside(props: {
  readonly kept: ReturnType<typeof keptOf>;
  readonly onKeep: (kept: JSONObject) => void;
}): React.ReactElement {
  const { api, trans } = useStudio();
  const { kept } = props;
  const [asked, setAsked] = React.useState(kept.asked);
  const [started, setStarted] = useStarted(kept.started, asked);
  const start = useMutation({
    mutationFn: async (dryRun: boolean): Promise<IStarted> => {
      const body = requestOf(asked, dryRun);
      const task = unwrap(await api.client.POST('/imports', { body }));
      return { uid: task.uid, dryRun, asked };
    },
    onSuccess: begun => {
      setStarted(begun);
      props.onKeep({ started: { ...begun, asked: { ...asked } } });
    }
  });
  const query = useTask(started?.uid ?? null);
  const task = query.data;
  const busy = start.isPending || isOpen(task);
  const same = JSON.stringify(started?.asked) === JSON.stringify(asked);
  const ended = task?.status;
  const gone =
    query.error !== null && asStudioError(query.error).code === 'not_found';
  React.useEffect(() => {
    if (gone) {
      // The server was started anew since: it knows nothing of the task.
      setStarted(null);
      props.onKeep({ started: null });
    }
  }, [gone]);
  React.useEffect(() => {
    if (ended === 'Completed' && started?.dryRun === false) {
      void studioQueryClient.invalidateQueries();
    }
  }, [ended, started]);
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Import runs')}>
      <header className="jp-Mlstudio-page-head">
        <h2>{trans.__('Import runs')}</h2>
      </header>
      <div className="jp-Mlstudio-page-body jp-Mlstudio-page-scroll">
        <p>
          {trans.__(
            'The source is only read. A run that was imported before is brought up to date, not added twice.'
          )}
        </p>
        <Form
          asked={asked}
          busy={busy}
          looked={same && ended === 'Completed' && started?.dryRun === true}
          onChange={next => {
            setAsked(next);
            props.onKeep({ ...next });
          }}
          onRun={dryRun => start.mutate(dryRun)}
        />
        <Banner error={start.error ?? (gone ? null : query.error)} />
        {task && <TaskProgress task={task} />}
        {task?.report && (
          <ReportView report={task.report} trial={started?.dryRun === true} />
        )}
      </div>
    </section>
  );
}

class ImportPage extends StudioWidget {
  constructor(services: IStudioServices, state: JSONObject | null) {
    super(services, state);
    this.addClass('jp-Mlstudio-import');
    this.title.label = services.trans.__('Import runs');
  }

  protected inside(): React.ReactElement {
    return (
      <Inside
        kept={keptOf(this.state)}
        onKeep={changes => this.keep(changes)}
      />
    );
  }
}

/** Make the page. */
export function createImportPage(
  services: IStudioServices,
  _name: string,
  state: JSONObject | null
): StudioWidget {
  return new ImportPage(services, state);
}
