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
import { MoreParts, PartsBar, useRested } from './PartsBar';
import { useArtifacts } from './parts';

type Item = Schemas['ArtifactItem'];

/** Above so many artifacts there is a search. */
const FEW = 20;

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
  const [filter, setFilter] = React.useState('');
  const parts = useArtifacts(props.component.name, useRested(filter));
  const shown = parts.items;
  const searched = filter !== '' || parts.total > FEW;
  return (
    <>
      {searched ? (
        <PartsBar
          label={trans.__('Filter artifacts by name')}
          text={filter}
          onText={setFilter}
          parts={parts}
        />
      ) : (
        <Banner error={parts.error} retry={parts.load} />
      )}
      {!parts.pending &&
        parts.error === null &&
        shown.length === 0 &&
        !searched && (
          <p className="jp-Mlstudio-note">
            {trans.__('No inputs or outputs were recorded.')}
          </p>
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
      <MoreParts parts={parts} />
    </>
  );
}
