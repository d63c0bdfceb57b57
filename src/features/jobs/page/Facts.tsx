/** What a job was made of: its code as it ran, and its configuration in SageMaker's words. */
import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';

import type { JobRecord } from '../../../api/types';
import {
  Banner,
  Code,
  UserText,
  formatBytes,
  useStudio
} from '../../../components/common';
import { useDescription, useSource } from '../data';

interface IJobProps {
  readonly job: JobRecord;
}

/** The tab "Source". */
export function Source(props: IJobProps): React.ReactElement {
  const { trans } = useStudio();
  const { name, attempt } = props.job;
  const query = useSource(name, attempt ?? 1);
  const [picked, setPicked] = React.useState<string | null>(null);
  const files = query.data?.files ?? [];
  const shown = files.find(file => file.path === picked) ?? files[0];
  const left = query.data?.files_left_out ?? 0;
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && <p>{trans.__('Loading…')}</p>}
      {query.isSuccess && files.length === 0 && (
        <p className="jp-Mlstudio-none">{trans.__('The code is gone.')}</p>
      )}
      {files.length > 1 && (
        <label className="jp-Mlstudio-check">
          {trans.__('File')}
          <select
            className="jp-Mlstudio-select"
            value={shown?.path}
            onChange={event => setPicked(event.target.value)}
          >
            {files.map(file => (
              <option key={file.path} value={file.path}>
                {file.path}
              </option>
            ))}
          </select>
          {left > 0 && trans._n('and %1 more', 'and %1 more', left)}
        </label>
      )}
      {shown && (
        <>
          <p className="jp-Mlstudio-none">
            <UserText text={shown.path} /> · {formatBytes(shown.size)}
          </p>
          {shown.text === null || shown.text === undefined ? (
            <p>{trans.__('This is no text, or more than is shown here.')}</p>
          ) : (
            <Code
              text={shown.text}
              language={shown.path}
              label={trans.__('Source code')}
            />
          )}
        </>
      )}
    </div>
  );
}

/** The tab "Configuration". */
export function Configuration(props: IJobProps): React.ReactElement {
  const { trans } = useStudio();
  const query = useDescription(props.job);
  const text =
    query.data === undefined ? null : JSON.stringify(query.data, null, 2);
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={query.error} retry={() => void query.refetch()} />
      {text === null ? (
        query.isPending && <p>{trans.__('Loading…')}</p>
      ) : (
        <>
          <button
            type="button"
            className="jp-Mlstudio-button"
            onClick={() => Clipboard.copyToSystem(text)}
          >
            {trans.__('Copy JSON')}
          </button>
          <Code
            text={text}
            language="json"
            label={trans.__('Configuration in SageMaker’s words')}
          />
        </>
      )}
    </div>
  );
}
