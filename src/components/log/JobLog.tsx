/** The log of a job: ranges over HTTP, what is new over the socket. */
import * as React from 'react';

import { decodeBytes } from '../../api/decode';
import type { JobRecord } from '../../api/types';
import type { ILiveEvent, IStudioApi } from '../../tokens';
import { isRunning, useStudio } from '../common';
import { LogView } from './LogView';
import type { ILogChunk, ILogPush, ReadLog } from './tail';

/** The most that one request may ask for. */
const PART = 4 * 1024 * 1024;

function reader(api: IStudioApi, job: string): ReadLog {
  return async (offset, limit, signal): Promise<ILogChunk> => {
    const answer = await api.request(
      `jobs/${encodeURIComponent(job)}/log`,
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

/** The log of one job, live while it runs. */
export function JobLog(props: {
  readonly job: Pick<JobRecord, 'name' | 'status'>;
}): React.ReactElement {
  const { api, live } = useStudio();
  const { name } = props.job;
  const read = React.useMemo(() => reader(api, name), [api, name]);
  return (
    <LogView
      key={name}
      read={read}
      listen={on => {
        const held = live?.subscribe(`log:${name}`, event => on(pushOf(event)));
        return () => held?.dispose();
      }}
      download={() => download(read, name)}
      live={isRunning(props.job.status)}
    />
  );
}
