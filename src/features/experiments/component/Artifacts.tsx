/** Inputs and outputs, each with its preview below it. */
import * as React from 'react';

import type { ComponentRecord, Schemas } from '../../../api/types';
import {
  Banner,
  UserText,
  formatBytes,
  useStudio
} from '../../../components/common';
import { ArtifactPreview } from '../../../components/preview';
import { useArtifacts } from './data';

type Item = Schemas['ArtifactItem'];

/** Artifacts listed before "show all" is asked for. */
const FIRST = 200;

function Row(props: { readonly item: Item }): React.ReactElement {
  const { trans, api } = useStudio();
  const { item } = props;
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  return (
    <>
      <tr>
        <td className="jp-mod-short">
          {item.direction === 'input' ? trans.__('input') : trans.__('output')}
        </td>
        <td>
          <UserText text={item.name} />
        </td>
        <td>
          <UserText text={item.value} max={40} />
        </td>
        <td className="jp-mod-short">
          <UserText text={item.media_type ?? '–'} max={60} />
        </td>
        <td className="jp-mod-number">{formatBytes(item.size)}</td>
        <td className="jp-mod-short">
          {item.uid ? (
            <>
              <button
                type="button"
                className="jp-Mlstudio-link"
                aria-expanded={open}
                aria-controls={open ? id : undefined}
                aria-label={trans.__('Preview of %1', item.name)}
                onClick={() => setOpen(!open)}
              >
                {open ? trans.__('Hide') : trans.__('Preview')}
              </button>
              {' · '}
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
            </>
          ) : (
            '–'
          )}
        </td>
      </tr>
      {open && item.uid && (
        <tr className="jp-Mlstudio-preview-row">
          <td id={id} colSpan={6}>
            <ArtifactPreview uid={item.uid} name={item.name} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The tab "Artifacts". */
export function Artifacts(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { trans } = useStudio();
  const query = useArtifacts(props.component.name);
  const [filter, setFilter] = React.useState('');
  const [all, setAll] = React.useState(false);
  const items = query.data ?? [];
  const wanted = filter.trim().toLowerCase();
  const found = items.filter(item => item.name.toLowerCase().includes(wanted));
  const shown = all ? found : found.slice(0, FIRST);
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isSuccess && items.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('No inputs or outputs were recorded.')}
        </p>
      )}
      {items.length > 20 && (
        <div className="jp-Mlstudio-chartbar">
          <input
            type="search"
            className="jp-Mlstudio-filter"
            aria-label={trans.__('Filter artifacts by name')}
            placeholder={trans.__('Filter by name')}
            value={filter}
            onChange={event => setFilter(event.target.value)}
          />
        </div>
      )}
      {shown.length > 0 && (
        <div
          className="jp-Mlstudio-scroll"
          role="region"
          aria-label={trans.__('Artifacts')}
          tabIndex={0}
        >
          <table className="jp-Mlstudio-plain">
            <thead>
              <tr>
                <th scope="col">{trans.__('Direction')}</th>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Value')}</th>
                <th scope="col">{trans.__('Type')}</th>
                <th scope="col" className="jp-mod-number">
                  {trans.__('Size')}
                </th>
                <th scope="col">{trans.__('File')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(item => (
                <Row key={`${item.direction}/${item.name}`} item={item} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length < found.length && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1', found.length)}
        </button>
      )}
    </>
  );
}
