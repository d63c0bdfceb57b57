/** What the server could show of an artifact: it reads, bounds and re-encodes; here everything is text. */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import type { Schemas } from '../../api/types';
import { Banner, Code, Markdown, UserText, useStudio } from '../common';
import { JsonPreview } from './JsonPreview';
import { PlainTable } from './PlainTable';

type Preview = Schemas['Preview'];

const IMAGE = /^[A-Za-z0-9+/=]+$/;

/** A picture that the server made; anything else in its place is not shown. */
function Inline(props: {
  readonly base64: string;
  readonly alt: string;
}): React.ReactElement | null {
  const { base64, alt } = props;
  // The server writes WebP and PNG; the browser finds out which.
  const type = base64.startsWith('iVBOR') ? 'image/png' : 'image/webp';
  return IMAGE.test(base64) ? (
    <img
      className="jp-Mlstudio-media-image"
      src={`data:${type};base64,${base64}`}
      alt={alt}
    />
  ) : null;
}

function Notebook(props: { readonly preview: Preview }): React.ReactElement {
  const { trans } = useStudio();
  return (
    <ol className="jp-Mlstudio-notebook">
      {(props.preview.cells ?? []).map((cell, i) => (
        <li key={i} data-type={cell.type}>
          {cell.type === 'markdown' ? (
            <Markdown source={cell.source} />
          ) : (
            <Code
              text={cell.source}
              language={cell.type === 'code' ? 'python' : null}
              label={trans.__('Cell %1', i + 1)}
            />
          )}
          {cell.outputs.map((output, j) => (
            <pre key={j} className="jp-Mlstudio-output">
              <bdi>{output}</bdi>
            </pre>
          ))}
          {cell.images.map((image, j) => (
            <Inline
              key={j}
              base64={image}
              alt={trans.__('Output of cell %1', i + 1)}
            />
          ))}
        </li>
      ))}
    </ol>
  );
}

function Shown(props: {
  readonly uid: string;
  readonly preview: Preview;
  readonly name: string;
}): React.ReactElement {
  const { trans } = useStudio();
  const { preview, name } = props;
  switch (preview.kind) {
    case 'text':
      return preview.language === 'markdown' ? (
        <Markdown source={preview.text ?? ''} />
      ) : (
        <Code
          text={preview.text ?? ''}
          language={preview.language}
          label={trans.__('Text of %1', name)}
        />
      );
    case 'table':
      return (
        <PlainTable
          label={trans.__('Rows of %1', name)}
          columns={preview.columns ?? []}
          types={preview.column_types}
          rows={preview.rows ?? []}
          total={preview.total_rows}
        />
      );
    case 'json':
      return (
        <JsonPreview
          uid={props.uid}
          name={name}
          document={preview.document}
          size={preview.size ?? null}
          truncated={preview.truncated ?? false}
        />
      );
    case 'image':
      return (
        <>
          <Inline base64={preview.image ?? ''} alt={name} />
          {preview.width !== null && (
            <p className="jp-Mlstudio-note">
              {trans.__('%1 × %2 pixels', preview.width, preview.height ?? 0)}
            </p>
          )}
        </>
      );
    case 'notebook':
      return <Notebook preview={preview} />;
    case 'folder':
      return (
        <ul
          className="jp-Mlstudio-files"
          aria-label={trans.__('Files of %1', name)}
        >
          {(preview.files ?? []).map(file => (
            <li key={file}>
              <UserText text={file} />
            </li>
          ))}
        </ul>
      );
    default:
      return (
        <p className="jp-Mlstudio-note">
          {preview.reason ? (
            <UserText text={preview.reason} max={1000} />
          ) : (
            trans.__('There is no preview of this kind of file.')
          )}
        </p>
      );
  }
}

interface IArtifactPreviewProps {
  readonly uid: string;
  readonly name?: string;
}

/** The preview of the artifact of this uid, read when it is shown. */
export function ArtifactPreview(
  props: IArtifactPreviewProps
): React.ReactElement {
  const { api, trans } = useStudio();
  const { uid, name = trans.__('the artifact') } = props;
  const query = useQuery({
    queryKey: ['preview', uid],
    queryFn: async ({ signal }) =>
      unwrap(
        await api.client.GET('/artifacts/{uid}/preview', {
          params: { path: { uid } },
          signal
        })
      )
  });
  return (
    <div className="jp-Mlstudio-preview">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && query.error === null && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.data && (
        <>
          <Shown uid={uid} preview={query.data} name={name} />
          {query.data.truncated && (
            <p className="jp-Mlstudio-note">
              {trans.__('This is its beginning; download it for the rest.')}
            </p>
          )}
        </>
      )}
    </div>
  );
}
