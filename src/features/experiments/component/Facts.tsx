/** Parameters, artifacts and source: what went in and what came out. */
import * as React from 'react';

import type { ComponentRecord } from '../../../api/types';
import {
  Banner,
  UserText,
  formatBytes,
  useStudio
} from '../../../components/common';
import { useArtifacts, useCode } from './data';
import { Field, Table } from './fields';

interface IComponentProps {
  readonly component: ComponentRecord;
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** The tab "Parameters". */
export function Parameters(props: IComponentProps): React.ReactElement {
  const { trans } = useStudio();
  const entries = Object.entries(props.component.params ?? {}).sort(
    ([a], [b]) => a.localeCompare(b)
  );
  if (entries.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('No parameters were recorded.')}
      </p>
    );
  }
  return (
    <Table
      label={trans.__('Parameters')}
      head={[trans.__('Name'), trans.__('Value')]}
      rows={entries.map(([key, value]) => ({
        key,
        cells: [key, <UserText text={shown(value)} max={2000} />]
      }))}
    />
  );
}

/** The tab "Artifacts". */
export function Artifacts(props: IComponentProps): React.ReactElement {
  const { trans, api } = useStudio();
  const query = useArtifacts(props.component.name);
  const items = query.data ?? [];
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isSuccess && items.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('No inputs or outputs were recorded.')}
        </p>
      )}
      {items.length > 0 && (
        <Table
          label={trans.__('Artifacts')}
          head={[
            trans.__('Direction'),
            trans.__('Name'),
            trans.__('Value'),
            trans.__('Type'),
            trans.__('Size'),
            trans.__('File')
          ]}
          numeric={[4]}
          short={[0, 3, 5]}
          rows={items.map(item => ({
            key: `${item.direction}/${item.name}`,
            cells: [
              item.direction === 'input'
                ? trans.__('input')
                : trans.__('output'),
              item.name,
              item.value,
              item.media_type ?? '–',
              formatBytes(item.size),
              item.uid ? (
                <a
                  className="jp-Mlstudio-link"
                  href={api.url(
                    `artifacts/${encodeURIComponent(item.uid)}/content`
                  )}
                  download
                  aria-label={trans.__('Download %1', item.name)}
                >
                  {trans.__('Download')}
                </a>
              ) : (
                '–'
              )
            ]
          }))}
        />
      )}
    </>
  );
}

function Packages(props: {
  readonly packages: Readonly<Record<string, string>>;
}): React.ReactElement {
  const { trans } = useStudio();
  const [filter, setFilter] = React.useState('');
  const wanted = filter.trim().toLowerCase();
  const rows = Object.entries(props.packages)
    .filter(([name]) => name.toLowerCase().includes(wanted))
    .sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <h3>
        {trans._n(
          '%1 package',
          '%1 packages',
          Object.keys(props.packages).length
        )}
      </h3>
      <input
        type="search"
        className="jp-Mlstudio-filter"
        aria-label={trans.__('Filter packages by name')}
        placeholder={trans.__('Filter by name')}
        value={filter}
        onChange={event => setFilter(event.target.value)}
      />
      <Table
        label={trans.__('Packages')}
        head={[trans.__('Package'), trans.__('Version')]}
        rows={rows.map(([name, version]) => ({
          key: name,
          cells: [name, version]
        }))}
      />
    </>
  );
}

/** Memory is counted in bytes; nobody reads eleven digits. */
function hardwareText(key: string, value: string): string {
  return key === 'memory' && /^\d+$/.test(value)
    ? formatBytes(Number(value))
    : value;
}

/** The tab "Source". */
export function Source(props: IComponentProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useCode(props.component.name);
  const code = query.data?.code ?? null;
  const env = query.data?.env ?? null;
  if (query.isSuccess && code === null && env === null) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('Code and environment were not captured.')}
      </p>
    );
  }
  const dirty = code?.git_dirty ? trans.__('with changes') : '';
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={query.error} retry={() => void query.refetch()} />
      <dl className="jp-Mlstudio-fields">
        {code?.entrypoint && (
          <Field label={trans.__('Entry point')}>
            <UserText text={code.entrypoint} />
          </Field>
        )}
        {code?.notebook_path && (
          <Field label={trans.__('Notebook')}>
            <UserText text={code.notebook_path} />
          </Field>
        )}
        {code && (code.argv ?? []).length > 0 && (
          <Field label={trans.__('Arguments')}>
            <code>
              <UserText text={(code.argv ?? []).join(' ')} max={2000} />
            </code>
          </Field>
        )}
        {code?.git_commit && (
          <Field label={trans.__('Commit')}>
            <code>
              <UserText text={code.git_commit} />
            </code>{' '}
            {dirty}
          </Field>
        )}
        {code?.git_remote && (
          <Field label={trans.__('Remote')}>
            <UserText text={code.git_remote} />
          </Field>
        )}
        {env && (
          <Field label={trans.__('Python')}>
            <UserText text={`${env.python} ${env.platform ?? ''}`} />
          </Field>
        )}
        {Object.entries(env?.hardware ?? {}).map(([key, value]) => (
          <Field key={key} label={key.slice(0, 60)}>
            <UserText text={hardwareText(key, value)} />
          </Field>
        ))}
      </dl>
      {code?.source && (
        <pre
          className="jp-Mlstudio-code"
          tabIndex={0}
          aria-label={trans.__('Source code')}
        >
          <code>{code.source}</code>
        </pre>
      )}
      {env && Object.keys(env.packages ?? {}).length > 0 && (
        <Packages packages={env.packages ?? {}} />
      )}
    </div>
  );
}
