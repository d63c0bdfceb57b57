/** The inputs of the form: one line with its failure below it, sizes, parameters, variables, times. */
import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Banner,
  UserText,
  formatTime,
  useStudio
} from '../../components/common';
import { useCron, useInstances } from './data';
import { kindOf, textOf } from './form';
import type { FieldName, IForm, IVariable, Parameter, Problems } from './form';

/** What every part of the form is given. */
export interface IPart {
  readonly form: IForm;
  readonly problems: Problems;
  readonly put: (change: Partial<IForm>) => void;
}

interface IRowProps {
  readonly label: string;
  readonly problem?: string;
  readonly hint?: string;
  /** The input; it is given the ids of its label and of what is said below it. */
  readonly children: (
    id: string,
    more: { 'aria-invalid'?: true; 'aria-describedby'?: string }
  ) => React.ReactNode;
}

/** A label, an input, and what is wrong with it. */
export function Row(props: IRowProps): React.ReactElement {
  const id = React.useId();
  const { problem, hint } = props;
  const said = problem ?? hint;
  return (
    <>
      <label htmlFor={id}>{props.label}</label>
      <div>
        {props.children(id, {
          ...(problem ? { 'aria-invalid': true } : {}),
          ...(said ? { 'aria-describedby': `${id}-said` } : {})
        })}
        {said && (
          <p
            id={`${id}-said`}
            className={
              problem ? 'jp-Mlstudio-launch-problem' : 'jp-Mlstudio-hint'
            }
            role={problem ? 'alert' : undefined}
          >
            <bdi>{said}</bdi>
          </p>
        )}
      </div>
    </>
  );
}

type TextField = {
  [K in FieldName]: IForm[K] extends string ? K : never;
}[FieldName];

interface ILineProps extends IPart {
  readonly field: TextField;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly type?: 'text' | 'number';
  readonly list?: readonly string[];
  readonly required?: boolean;
}

/** A text or a number. */
export function Line(props: ILineProps): React.ReactElement {
  const { field, form, problems, put, list } = props;
  const listId = React.useId();
  return (
    <Row label={props.label} problem={problems[field]} hint={props.hint}>
      {(id, more) => (
        <>
          <input
            id={id}
            className="jp-Mlstudio-filter"
            type={props.type ?? 'text'}
            step="any"
            required={props.required}
            placeholder={props.placeholder}
            list={list && listId}
            value={form[field]}
            onChange={event => put({ [field]: event.target.value })}
            {...more}
          />
          {list && (
            <datalist id={listId}>
              {list.map(name => (
                <option key={name} value={name} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Row>
  );
}

/** Sizes, with what is free now. */
export function Size(props: IPart): React.ReactElement {
  const { trans } = useStudio();
  const { form, problems, put } = props;
  const reply = useInstances().data;
  const types = reply?.types ?? [];
  const names = new Set([
    'local',
    form.instanceType,
    ...types.map(one => one.name)
  ]);
  const told = (name: string): string => {
    const type = types.find(one => one.name === name);
    if (type === undefined) {
      return name;
    }
    return type.gpu
      ? trans.__(
          '%1: %2 vCPU, %3 GiB, %4 GPU',
          name,
          type.vcpu,
          type.memory_gib,
          type.gpu
        )
      : trans.__('%1: %2 vCPU, %3 GiB', name, type.vcpu, type.memory_gib);
  };
  let free: string | undefined;
  if (reply) {
    const held = (kind: string): number =>
      new Set(
        reply.leases
          .map(one => one.resource)
          .filter(one => one.startsWith(`${reply.host.host}/${kind}/`))
      ).size;
    const cpus = reply.host.cpus.length;
    const gpus = reply.host.gpus.length;
    free =
      gpus > 0
        ? trans.__(
            'Free now: %1 of %2 vCPUs, %3 of %4 GPUs. A job waits until there is room.',
            cpus - held('cpu'),
            cpus,
            gpus - held('gpu'),
            gpus
          )
        : trans.__(
            'Free now: %1 of %2 vCPUs. A job waits until there is room.',
            cpus - held('cpu'),
            cpus
          );
  }
  return (
    <Row
      label={trans.__('Instance type')}
      problem={problems.instanceType}
      hint={free}
    >
      {(id, more) => (
        <select
          id={id}
          value={form.instanceType}
          onChange={event => put({ instanceType: event.target.value })}
          {...more}
        >
          {[...names].map(name => (
            <option key={name} value={name}>
              {told(name)}
            </option>
          ))}
        </select>
      )}
    </Row>
  );
}

/** One input for each name of the cell tagged `parameters`. */
export function Parameters(
  props: IPart & { readonly items: readonly Parameter[] }
): React.ReactElement {
  const { trans } = useStudio();
  const { form, put, items } = props;
  const set = (name: string, text: string): void =>
    put({ parameters: { ...form.parameters, [name]: text } });
  return (
    <>
      {items.map(one => (
        <Row key={one.name} label={one.name} hint={one.comment || undefined}>
          {(id, more) => {
            const kind = kindOf(one);
            const text = form.parameters[one.name] ?? textOf(one);
            return kind === 'flag' ? (
              <input
                id={id}
                type="checkbox"
                checked={text === 'true'}
                onChange={event => set(one.name, String(event.target.checked))}
                {...more}
              />
            ) : (
              <input
                id={id}
                className="jp-Mlstudio-filter"
                type={kind === 'number' ? 'number' : 'text'}
                step="any"
                placeholder={one.literal ? undefined : one.text}
                value={text}
                onChange={event => set(one.name, event.target.value)}
                {...more}
              />
            );
          }}
        </Row>
      ))}
      {props.problems.parameters && (
        <>
          <span>{trans.__('Parameters')}</span>
          <p className="jp-Mlstudio-launch-problem" role="alert">
            <bdi>{props.problems.parameters}</bdi>
          </p>
        </>
      )}
    </>
  );
}

/** Variables of the environment. */
export function Environment(props: IPart): React.ReactElement {
  const { trans } = useStudio();
  const { form, put } = props;
  const all = form.environment;
  const change = (id: number, more: Partial<IVariable>): void =>
    put({
      environment: all.map(one => (one.id === id ? { ...one, ...more } : one))
    });
  const next = Math.max(-1, ...all.map(one => one.id)) + 1;
  return (
    <>
      <span>{trans.__('Environment')}</span>
      <div
        className="jp-Mlstudio-pairs"
        role="group"
        aria-label={trans.__('Environment')}
      >
        {all.map(one => (
          <div key={one.id} className="jp-Mlstudio-pair">
            <input
              className="jp-Mlstudio-filter"
              aria-label={trans.__('Name')}
              value={one.name}
              onChange={event => change(one.id, { name: event.target.value })}
            />
            <input
              className="jp-Mlstudio-filter"
              aria-label={trans.__('Value of %1', one.name)}
              value={one.text}
              onChange={event => change(one.id, { text: event.target.value })}
            />
            <button
              type="button"
              className="jp-Mlstudio-icon-button"
              title={trans.__('Take away')}
              aria-label={trans.__('Take %1 away', one.name)}
              onClick={() =>
                put({ environment: all.filter(each => each.id !== one.id) })
              }
            >
              <closeIcon.react tag="span" elementSize="small" />
            </button>
          </div>
        ))}
        <button
          type="button"
          className="jp-Mlstudio-link"
          onClick={() =>
            put({ environment: [...all, { id: next, name: '', text: '' }] })
          }
        >
          {trans.__('Add a variable')}
        </button>
        {props.problems.environment && (
          <p className="jp-Mlstudio-launch-problem" role="alert">
            <bdi>{props.problems.environment}</bdi>
          </p>
        )}
      </div>
    </>
  );
}

/** When a cron expression comes: in words, and its next three times. */
export function Times(props: {
  readonly cron: string;
  readonly timezone: string;
}): React.ReactElement | null {
  const query = useCron(props.cron, props.timezone);
  if (query.error) {
    return <Banner error={query.error} />;
  }
  return query.data ? (
    <div className="jp-Mlstudio-hint" role="status">
      <UserText text={query.data.text} max={200} />
      <ol className="jp-Mlstudio-launch-times">
        {query.data.next.map(time => (
          <li key={time}>{formatTime(time)}</li>
        ))}
      </ol>
    </div>
  ) : null;
}

/** A cron expression, some that are often wanted, the zone of its clock. */
export function When(props: IPart): React.ReactElement {
  const { trans } = useStudio();
  const { form, put } = props;
  const presets: readonly [cron: string, text: string][] = [
    ['0 * * * *', trans.__('Every hour')],
    ['0 3 * * *', trans.__('Every night at 3')],
    ['0 8 * * 1-5', trans.__('Weekdays at 8')],
    ['0 3 * * 1', trans.__('Mondays at 3')],
    ['0 3 1 * *', trans.__('On the first of the month at 3')]
  ];
  const known = presets.some(([cron]) => cron === form.cron);
  const zones = React.useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  return (
    <>
      <Row label={trans.__('How often')}>
        {id => (
          <select
            id={id}
            value={known ? form.cron : ''}
            onChange={event =>
              event.target.value && put({ cron: event.target.value })
            }
          >
            {presets.map(([cron, text]) => (
              <option key={cron} value={cron}>
                {text}
              </option>
            ))}
            <option value="">{trans.__('As written below')}</option>
          </select>
        )}
      </Row>
      <Line
        {...props}
        field="cron"
        label={trans.__('Cron')}
        hint={trans.__('minute hour day month weekday')}
        required
      />
      <Line
        {...props}
        field="timezone"
        label={trans.__('Time zone')}
        list={zones}
      />
      <span>{trans.__('Next times')}</span>
      <Times cron={form.cron} timezone={form.timezone} />
    </>
  );
}
