/** Tells that jobs ended: one by one with the last lines of those that failed, many at once as a count. */
import { Notification } from '@jupyterlab/apputils';

import type { IStudioServices } from '../../components/common';
import { formatDuration } from '../../components/common/format';
import type { IOpenJob } from '../../components/common/openJobs';
import { LogText } from '../../components/log/text';

/** Jobs of one moment that are told one by one. */
const EACH = 3;
/** Ends this close together are one moment, ms. */
const MOMENT = 1500;
const TAIL = 8192;
/** Characters that Lab shows of a message. */
const ROOM = 140;
/** A line that only points at the one above. */
const POINTER = /^[\s~^]*$/;

/** Which ends are told. */
export type Told = 'all' | 'failures' | 'none';

/** Whether an end is news: what somebody stopped is none to them. */
export function isNews(job: IOpenJob, told: Told): boolean {
  const bad =
    job.status === 'Failed' ||
    job.secondary === 'MaxRuntimeExceeded' ||
    job.secondary === 'MaxWaitTimeExceeded';
  return (
    (bad && told !== 'none') || (job.status === 'Completed' && told === 'all')
  );
}

/** As many of the last lines as have room, at least a part of the very last. */
export function lastLines(data: Uint8Array, room: number): string[] {
  const text = new LogText();
  text.append(data);
  const lines = text.lines.filter(line => !POINTER.test(line));
  const last: string[] = [];
  let left = room;
  for (const line of lines.reverse()) {
    if (line.length + 1 > left) {
      return last.length > 0 ? last : [`${line.slice(0, room - 2)}…`];
    }
    left -= line.length + 1;
    last.unshift(line);
  }
  return last;
}

/** Collects ends and tells them. */
export class EndTeller {
  constructor(private readonly services: IStudioServices) {}

  /** A job ended. */
  add(job: IOpenJob): void {
    this.#ended.push(job);
    if (this.#timer === 0) {
      this.#timer = window.setTimeout(() => {
        this.#timer = 0;
        const all = this.#ended.splice(0);
        if (all.length > EACH) {
          this.#tellMany(all);
        } else {
          all.forEach(job => void this.#tell(job));
        }
      }, MOMENT);
    }
  }

  #tellMany(jobs: readonly IOpenJob[]): void {
    const { trans, commands } = this.services;
    const failed = jobs.filter(job => job.status === 'Failed').length;
    const text = trans._n('%1 job ended', '%1 jobs ended', jobs.length);
    const more = failed === 0 ? '' : ` · ${trans.__('%1 failed', failed)}`;
    const options = {
      autoClose: failed === 0 ? 8000 : (false as const),
      actions: [
        {
          label: trans.__('Open'),
          callback: () => void commands.execute('mlstudio:open-jobs', {})
        }
      ]
    };
    Notification.emit(text + more, failed === 0 ? 'success' : 'error', options);
  }

  async #tell(job: IOpenJob): Promise<void> {
    const { trans, commands } = this.services;
    const good = job.status === 'Completed';
    const ran =
      typeof job.started_at === 'number' && typeof job.ended_at === 'number'
        ? formatDuration((job.ended_at - job.started_at) / 1000)
        : '';
    const text = good
      ? trans.__('Job “%1” completed in %2.', job.name, ran || '–')
      : job.status === 'Failed'
        ? trans.__('Job “%1” failed.', job.name)
        : trans.__('Job “%1” was longer than allowed.', job.name);
    const lines = good ? [] : await this.#lines(job, ROOM - text.length);
    Notification.emit(
      [text, ...lines].join('\n'),
      good ? 'success' : job.status === 'Failed' ? 'error' : 'warning',
      {
        autoClose: good ? 8000 : false,
        actions: [
          {
            label: trans.__('Open'),
            callback: () =>
              void commands.execute('mlstudio:open-job', {
                name: job.name,
                view: { tab: good ? 'overview' : 'log' }
              })
          }
        ]
      }
    );
  }

  /** The end of its log, else why it failed. */
  async #lines(job: IOpenJob, room: number): Promise<string[]> {
    try {
      const answer = await this.services.api.request(
        `jobs/${encodeURIComponent(job.name)}/log`,
        {},
        { offset: String(-TAIL), limit: String(TAIL) }
      );
      const lines = lastLines(new Uint8Array(await answer.arrayBuffer()), room);
      if (lines.length > 0) {
        return lines;
      }
    } catch {
      // The reason below is better than nothing.
    }
    return job.failure_reason ? [job.failure_reason.slice(0, room)] : [];
  }

  readonly #ended: IOpenJob[] = [];
  #timer = 0;
}
