/** Parameters, source and environment: what went in. */
import * as React from 'react';

import type { ComponentRecord } from '../../../api/types';
import {
  Banner,
  Code,
  Diff,
  UserText,
  hardwareLabel,
  hardwareText,
  useStudio
} from '../../../components/common';
import { useCode } from './data';
import { MoreParts, PartsBar, useRested } from './PartsBar';
import { Field, Table } from './fields';
import { totalOf, usePairs, type PairPart } from './parts';

interface IComponentProps {
  readonly component: ComponentRecord;
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** Names and versions, or names and values, with a filter. */
function Pairs(props: {
  /** A heading; else `label` names the table alone. */
  readonly title?: string;
  readonly label?: string;
  readonly head: readonly [string, string];
  readonly pairs: Readonly<Record<string, string>>;
  readonly filterLabel: string;
}): React.ReactElement | null {
  const { trans } = useStudio();
  const [filter, setFilter] = React.useState('');
  const wanted = filter.trim().toLowerCase();
  const all = Object.entries(props.pairs);
  const rows = all
    .filter(([name]) => name.toLowerCase().includes(wanted))
    .sort(([a], [b]) => a.localeCompare(b));
  if (all.length === 0) {
    return null;
  }
  return (
    <>
      {props.title !== undefined && <h3>{props.title}</h3>}
      {all.length > 20 && (
        <input
          type="search"
          className="jp-Mlstudio-filter"
          aria-label={props.filterLabel}
          placeholder={trans.__('Filter by name')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      <Table
        label={props.title ?? props.label ?? ''}
        head={props.head}
        rows={rows.map(([name, value]) => ({
          key: name,
          cells: [name, <UserText text={value} max={2000} />]
        }))}
      />
    </>
  );
}

/** More parameters or tags than the component's record carries: by pages, and by a search. */
export function ManyPairs(props: {
  readonly component: string;
  readonly part: PairPart;
  readonly label: string;
  readonly filterLabel: string;
}): React.ReactElement {
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const parts = usePairs(props.component, props.part, useRested(text), true);
  return (
    <>
      <PartsBar
        label={props.filterLabel}
        text={text}
        onText={setText}
        parts={parts}
      />
      {parts.items.length > 0 && (
        <Table
          whole
          label={props.label}
          head={[trans.__('Name'), trans.__('Value')]}
          rows={parts.items.map(({ name, value }) => ({
            key: name,
            cells: [name, <UserText text={shown(value)} max={2000} />]
          }))}
        />
      )}
      <MoreParts parts={parts} />
    </>
  );
}

/** The tab "Parameters". */
export function Parameters(props: IComponentProps): React.ReactElement {
  const { trans } = useStudio();
  const entries = Object.entries(props.component.params ?? {});
  if (totalOf(props.component, 'params', entries.length) > entries.length) {
    return (
      <div className="jp-Mlstudio-page-body">
        <ManyPairs
          key={props.component.name}
          component={props.component.name}
          part="params"
          label={trans.__('Parameters')}
          filterLabel={trans.__('Filter parameters by name')}
        />
      </div>
    );
  }
  if (entries.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('No parameters were recorded.')}
      </p>
    );
  }
  return (
    <div className="jp-Mlstudio-page-body">
      <Pairs
        label={trans.__('Parameters')}
        head={[trans.__('Name'), trans.__('Value')]}
        pairs={Object.fromEntries(
          entries.map(([key, value]) => [key, shown(value)])
        )}
        filterLabel={trans.__('Filter parameters by name')}
      />
    </div>
  );
}

/** The tab "Environment". */
export function Environment(props: IComponentProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useCode(props.component.name);
  const env = query.data?.env ?? null;
  if (env === null) {
    return (
      <>
        <Banner error={query.error} retry={() => void query.refetch()} />
        <p className="jp-Mlstudio-note">
          {query.isPending
            ? trans.__('Loading…')
            : trans.__('The environment was not captured.')}
        </p>
      </>
    );
  }
  const packages = env.packages ?? {};
  return (
    <div className="jp-Mlstudio-page-body">
      <dl className="jp-Mlstudio-fields">
        <Field label={trans.__('Python')}>
          <UserText text={`${env.python} ${env.platform ?? ''}`} />
        </Field>
        {Object.entries(env.hardware ?? {}).map(([key, value]) => (
          <Field key={key} label={hardwareLabel(key, trans).slice(0, 60)}>
            <span title={`${key}: ${value}`.slice(0, 500)}>
              <UserText text={hardwareText(key, value)} />
            </span>
          </Field>
        ))}
      </dl>
      <Pairs
        title={trans.__('Environment variables')}
        head={[trans.__('Name'), trans.__('Value')]}
        pairs={env.variables ?? {}}
        filterLabel={trans.__('Filter variables by name')}
      />
      <Pairs
        title={trans._n(
          '%1 package',
          '%1 packages',
          Object.keys(packages).length
        )}
        head={[trans.__('Package'), trans.__('Version')]}
        pairs={packages}
        filterLabel={trans.__('Filter packages by name')}
      />
    </div>
  );
}

/** The language of a source: that of its file, Python for cells and what has no name. */
export function languageOf(entrypoint: string | null | undefined): string {
  const name = entrypoint?.split('/').pop() ?? '';
  return /\.[A-Za-z0-9]{1,8}$/.test(name) && !name.endsWith('.ipynb')
    ? name
    : 'python';
}

/** The tab "Source". */
export function Source(props: IComponentProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useCode(props.component.name);
  const code = query.data?.code ?? null;
  const diff = query.data?.diff ?? null;
  if (code === null) {
    return (
      <>
        <Banner error={query.error} retry={() => void query.refetch()} />
        <p className="jp-Mlstudio-note">
          {query.isPending
            ? trans.__('Loading…')
            : trans.__('The code was not captured.')}
        </p>
      </>
    );
  }
  const dirty = code.git_dirty ? trans.__('with changes') : '';
  return (
    <div className="jp-Mlstudio-page-body">
      <dl className="jp-Mlstudio-fields">
        {code.entrypoint && (
          <Field label={trans.__('Entry point')}>
            <UserText text={code.entrypoint} />
          </Field>
        )}
        {code.notebook_path && (
          <Field label={trans.__('Notebook')}>
            <UserText text={code.notebook_path} />
          </Field>
        )}
        {(code.argv ?? []).length > 0 && (
          <Field label={trans.__('Arguments')}>
            <code>
              <UserText text={(code.argv ?? []).join(' ')} max={2000} />
            </code>
          </Field>
        )}
        {code.git_commit && (
          <Field label={trans.__('Commit')}>
            <code>
              <UserText text={code.git_commit} />
            </code>{' '}
            {dirty}
          </Field>
        )}
        {code.git_remote && (
          <Field label={trans.__('Remote')}>
            <UserText text={code.git_remote} />
          </Field>
        )}
      </dl>
      {code.source && (
        <>
          <h3>{trans.__('Source')}</h3>
          <Code
            text={code.source}
            language={languageOf(code.entrypoint)}
            label={trans.__('Source code')}
          />
        </>
      )}
      {diff !== null && diff !== '' && (
        <>
          <h3>{trans.__('Uncommitted changes')}</h3>
          <Diff diff={diff} label={trans.__('Uncommitted changes')} />
        </>
      )}
    </div>
  );
}
