/** The log of a job, or of a run of `mlstudio run`: ranges over HTTP, what is new over the socket. */
import * as React from 'react';

import { decodeBytes } from '../../api/decode';
import type { JobRecord } from '../../api/types';
import type { ILiveEvent, IStudioApi } from '../../tokens';
import { isRunning, useStudio } from '../common';
import { LogView } from './LogView';
import type { ILogChunk, ILogPush, ReadLog } from './tail';

/** The most that one request may ask for. */
const PART = 4 * 1024 * 1024;

/** Read stretches of the log at an address. */
export function readerOf(api: IStudioApi, address: string): ReadLog {
  return async (offset, limit, signal): Promise<ILogChunk> => {
    const answer = await api.request(
      address,
      { signal },
      { offset: String(offset), limit: String(limit) }
    );
    const data = new Uint8Array(await answer.arrayBuffer());
    const header = (name: string): number =>
      Number(answer.headers.get(name) ?? '0');
    return {
      data,
      offset: header('X-Offset'),
      total: header('X-Total-Bytes'),
      dropped: header('X-Dropped-Bytes')
    };
  };
}

/** What a live event says of the log; null: something may have been missed. */
export function pushOf(event: ILiveEvent): ILogPush | null {
  const data = event.data as {
    offset?: unknown;
    b64?: unknown;
    total?: unknown;
  } | null;
  if (event.type === 'append' && typeof data?.b64 === 'string') {
    return { offset: Number(data.offset), data: decodeBytes(data.b64) };
  }
  if (event.type === 'behind' && typeof data?.total === 'number') {
    return { total: data.total };
  }
  return null;
}

async function download(read: ReadLog, job: string): Promise<void> {
  const parts: Uint8Array[] = [];
  const { signal } = new AbortController();
  for (let offset = 0; ;) {
    const chunk = await read(offset, PART, signal);
    parts.push(chunk.data);
    offset = chunk.offset + chunk.data.length;
    if (chunk.data.length === 0 || offset >= chunk.total) {
      break;
    }
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${job}.log`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

interface ISourceProps {
  /** What the file is called that a download makes, without its ending. */
  readonly name: string;
  readonly address: string;
  readonly topic: string;
  readonly running: boolean;
}

function Source(props: ISourceProps): React.ReactElement {
  const { api, live } = useStudio();
  const { address, topic, name } = props;
  const read = React.useMemo(() => readerOf(api, address), [api, address]);
  return (
    <LogView
      key={address}
      read={read}
      listen={on => {
        const held = live?.subscribe(topic, event => on(pushOf(event)));
        return () => held?.dispose();
      }}
      download={() => download(read, name)}
      live={props.running}
    />
  );
}

/** The log of one job, live while it runs. */
export function JobLog(props: {
  readonly job: Pick<JobRecord, 'name' | 'status'>;
}): React.ReactElement {
  const { name, status } = props.job;
  return (
    <Source
      name={name}
      address={`jobs/${encodeURIComponent(name)}/log`}
      topic={`log:${name}`}
      running={isRunning(status)}
    />
  );
}

/** Where the output of a run is read from. */
export const outputAddress = (component: string): string =>
  `trial-components/${encodeURIComponent(component)}/log`;

/** What a run of `mlstudio run` prints, live while it runs. */
export function RunLog(props: {
  readonly name: string;
  readonly running: boolean;
}): React.ReactElement {
  return (
    <Source
      name={props.name}
      address={outputAddress(props.name)}
      topic={`output:${props.name}`}
      running={props.running}
    />
  );
}
