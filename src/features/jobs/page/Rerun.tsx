/** Run a job once more with changes: a form that begins as the job was. */
import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { JobRecord } from '../../../api/types';
import { Banner, useStudio } from '../../../components/common';
import { changesOf, formOf } from '../changes';
import type { IForm, IPair } from '../changes';
import { useInstances } from '../data';
import { rerun } from '../doing';

interface IPairsProps {
  readonly title: string;
  readonly pairs: readonly IPair[];
  readonly onPairs: (pairs: readonly IPair[]) => void;
}

/** Names and values, to change, to add, to take away. */
function Pairs(props: IPairsProps): React.ReactElement {
  const { trans } = useStudio();
  const { title, pairs, onPairs } = props;
  const change = (id: number, more: Partial<IPair>): void =>
    onPairs(pairs.map(one => (one.id === id ? { ...one, ...more } : one)));
  const next = Math.max(-1, ...pairs.map(one => one.id)) + 1;
  return (
    <div className="jp-Mlstudio-pairs" role="group" aria-label={title}>
      {pairs.map(one => (
        <div key={one.id} className="jp-Mlstudio-pair">
          <input
            className="jp-Mlstudio-filter"
            aria-label={trans.__('Name')}
            value={one.name}
            readOnly={one.was !== null}
            onChange={event => change(one.id, { name: event.target.value })}
          />
          <input
            className="jp-Mlstudio-filter"
            aria-label={trans.__('Value of %1', one.name)}
            value={one.text}
            data-changed={one.was !== one.text || undefined}
            onChange={event => change(one.id, { text: event.target.value })}
          />
          <button
            type="button"
            className="jp-Mlstudio-icon-button"
            title={trans.__('Take away')}
            aria-label={trans.__('Take %1 away', one.name)}
            onClick={() => onPairs(pairs.filter(each => each.id !== one.id))}
          >
            <closeIcon.react tag="span" elementSize="small" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="jp-Mlstudio-link"
        onClick={() =>
          onPairs([...pairs, { id: next, name: '', text: '', was: null }])
        }
      >
        {trans.__('Add')}
      </button>
    </div>
  );
}

interface ILineProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (text: string) => void;
  readonly type?: 'text' | 'number';
  readonly hint?: string;
}

function Line(props: ILineProps): React.ReactElement {
  const id = React.useId();
  return (
    <>
      <label htmlFor={id}>{props.label}</label>
      <div>
        <input
          id={id}
          className="jp-Mlstudio-filter"
          type={props.type ?? 'text'}
          value={props.value}
          placeholder={props.hint}
          onChange={event => props.onValue(event.target.value)}
        />
      </div>
    </>
  );
}

function Size(props: {
  readonly value: string;
  readonly onValue: (name: string) => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const types = useInstances().data?.types ?? [];
  const id = React.useId();
  const names = new Set(['local', props.value, ...types.map(one => one.name)]);
  const told = (name: string): string => {
    const type = types.find(one => one.name === name);
    return type === undefined
      ? name
      : `${name} — ${type.vcpu} vCPU, ${type.memory_gib} GiB${type.gpu ? `, ${type.gpu} GPU` : ''}`;
  };
  return (
    <>
      <label htmlFor={id}>{trans.__('Size')}</label>
      <div>
        <select
          id={id}
          className="jp-Mlstudio-select"
          value={props.value}
          onChange={event => props.onValue(event.target.value)}
        >
          {[...names].map(name => (
            <option key={name} value={name}>
              {told(name)}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

/** The values of the job: hyperparameters, parameters of a notebook, arguments, environment. */
function Values(props: {
  readonly job: JobRecord;
  readonly form: IForm;
  readonly put: (change: Partial<IForm>) => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const { job, form, put } = props;
  const id = React.useId();
  return (
    <>
      {job.kind === 'training' && (
        <>
          <span>{trans.__('Hyperparameters')}</span>
          <Pairs
            title={trans.__('Hyperparameters')}
            pairs={form.hyperparameters}
            onPairs={hyperparameters => put({ hyperparameters })}
          />
        </>
      )}
      {job.spec.notebook && (
        <>
          <span>{trans.__('Parameters')}</span>
          <Pairs
            title={trans.__('Parameters')}
            pairs={form.parameters}
            onPairs={parameters => put({ parameters })}
          />
        </>
      )}
      {job.kind === 'processing' && (
        <>
          <label htmlFor={id}>{trans.__('Arguments')}</label>
          <div>
            <textarea
              id={id}
              className="jp-Mlstudio-area"
              rows={4}
              value={form.args}
              onChange={event => put({ args: event.target.value })}
            />
            <p className="jp-Mlstudio-hint">{trans.__('One a line')}</p>
          </div>
        </>
      )}
      <span>{trans.__('Environment')}</span>
      <div>
        <Pairs
          title={trans.__('Environment')}
          pairs={form.environment}
          onPairs={environment => put({ environment })}
        />
        {form.environment.some(one => one.text.includes('••••')) && (
          <p className="jp-Mlstudio-hint">
            {trans.__('What is hidden keeps its value unless it is changed.')}
          </p>
        )}
      </div>
    </>
  );
}

/** The tab "Run again". */
export function Rerun(props: { readonly job: JobRecord }): React.ReactElement {
  const services = useStudio();
  const { trans, commands } = services;
  const { job } = props;
  const [form, setForm] = React.useState(() => formOf(job));
  const [busy, setBusy] = React.useState(false);
  const [failure, setFailure] = React.useState<unknown>(null);
  const put = (change: Partial<IForm>): void =>
    setForm(now => ({ ...now, ...change }));
  const changes = changesOf(job, form);
  const count = Object.keys(changes).filter(key => key !== 'name').length;
  const submit = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const made = await rerun(services, job.name, changes);
      await commands.execute('mlstudio:open-job', {
        name: made.name,
        view: { tab: 'overview' }
      });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="jp-Mlstudio-page-body"
      onSubmit={event => {
        event.preventDefault();
        void submit();
      }}
    >
      <p className="jp-Mlstudio-none">
        {trans.__('The code is that of this job, as it ran then.')}
      </p>
      <div className="jp-Mlstudio-form">
        <Line
          label={trans.__('Name')}
          value={form.name}
          hint={trans.__('made from that of this job')}
          onValue={name => put({ name })}
        />
        <Size
          value={form.instanceType}
          onValue={instanceType => put({ instanceType })}
        />
        <Values job={job} form={form} put={put} />
        <Line
          label={trans.__('Experiment')}
          value={form.experiment}
          onValue={experiment => put({ experiment })}
        />
        <Line
          label={trans.__('Longest run (s)')}
          type="number"
          value={form.maxRun}
          onValue={maxRun => put({ maxRun })}
        />
        <Line
          label={trans.__('Priority')}
          type="number"
          value={form.priority}
          onValue={priority => put({ priority })}
        />
      </div>
      <Banner error={failure} />
      <div className="jp-Mlstudio-row">
        <button
          type="submit"
          className="jp-Mlstudio-button jp-mod-accept"
          disabled={busy}
        >
          {busy
            ? trans.__('Submitting…')
            : count === 0
              ? trans.__('Run the same again')
              : trans.__('Run with changes')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => setForm(formOf(job))}
        >
          {trans.__('Reset')}
        </button>
      </div>
    </form>
  );
}
