/** What a job read and what it left: folders with their sizes and files. */
import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';

import type { JobRecord, Schemas } from '../../../api/types';
import {
  Banner,
  UserText,
  formatBytes,
  useStudio
} from '../../../components/common';
import { useFolders } from '../data';

type Folder = Schemas['JobFolder'];

/** Folders of few files show them at once. */
const FEW = 12;

function FolderView(props: { readonly folder: Folder }): React.ReactElement {
  const { trans } = useStudio();
  const { folder } = props;
  const files = folder.files ?? [];
  const left = folder.files_left_out ?? 0;
  return (
    <details className="jp-Mlstudio-folder" open={files.length <= FEW}>
      <summary>
        <strong>
          <UserText text={folder.name} max={120} />
        </strong>
        <span className="jp-Mlstudio-said">
          {trans._n('%1 file', '%1 files', files.length + left)} ·{' '}
          {formatBytes(folder.size)}
        </span>
      </summary>
      <p className="jp-Mlstudio-folder-place">
        <code>
          <UserText text={folder.place} max={500} />
        </code>{' '}
        <button
          type="button"
          className="jp-Mlstudio-link"
          aria-label={trans.__('Copy the path of %1', folder.name)}
          onClick={() => Clipboard.copyToSystem(folder.place)}
        >
          {trans.__('Copy path')}
        </button>
      </p>
      {files.length > 0 && (
        <table
          className="jp-Mlstudio-plain"
          aria-label={trans.__('Files of %1', folder.name)}
        >
          <tbody>
            {files.map(file => (
              <tr key={file.path}>
                <td>
                  <UserText text={file.path} />
                </td>
                <td className="jp-mod-number">{formatBytes(file.size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {left > 0 && (
        <p className="jp-Mlstudio-note">
          {trans._n('and %1 more file', 'and %1 more files', left)}
        </p>
      )}
    </details>
  );
}

/** The tab "Inputs and outputs". */
export function Files(props: { readonly job: JobRecord }): React.ReactElement {
  const { trans, commands } = useStudio();
  const { job } = props;
  const query = useFolders(job);
  const folders = query.data?.items ?? [];
  const inputs = folders.filter(one => one.name.startsWith('input'));
  const outputs = folders.filter(one => !one.name.startsWith('input'));
  const part = (
    title: string,
    none: string,
    all: readonly Folder[]
  ): React.ReactElement => (
    <>
      <h3>{title}</h3>
      {all.length === 0 ? (
        <p className="jp-Mlstudio-none">{none}</p>
      ) : (
        all.map(folder => <FolderView key={folder.name} folder={folder} />)
      )}
    </>
  );
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && <p>{trans.__('Loading…')}</p>}
      {query.data && (
        <>
          {part(trans.__('Inputs'), trans.__('It read no files.'), inputs)}
          {part(
            trans.__('Outputs'),
            trans.__('It has left no files.'),
            outputs
          )}
          <p>
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() =>
                void commands.execute('mlstudio:open-component', {
                  name: job.trial_component,
                  view: { tab: 'artifacts' }
                })
              }
            >
              {trans.__('Preview and download recorded artifacts')}
            </button>
          </p>
        </>
      )}
    </div>
  );
}
