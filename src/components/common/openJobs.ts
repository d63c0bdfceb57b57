/** Jobs that have not ended, for what stands outside the panels: status bar, Running panel, notifications. */
import { Signal } from '@lumino/signaling';

import { unwrap } from '../../api/client';
import type { JobRecord } from '../../api/types';
import type { ILiveEvent, ILiveEvents, IStudioApi } from '../../tokens';
import { isRunning } from './states';

/** What is known of a job; the socket sends it without its specification. */
export type IOpenJob = Pick<
  JobRecord,
  'name' | 'status' | 'secondary' | 'trial_component'
> &
  Partial<Omit<JobRecord, 'spec'>>;

/** Jobs that vanished while nobody listened and that are asked for one by one. */
const ASKED = 20;

const known = new WeakMap<ILiveEvents, OpenJobs>();

/** The open jobs of a server, kept true by its socket once they were read. */
export class OpenJobs {
  constructor(
    private readonly api: IStudioApi,
    live: ILiveEvents
  ) {
    live.subscribe('jobs', event => this.#hear(event));
  }

  /** One for all who ask about the same server. */
  static of(api: IStudioApi, live: ILiveEvents): OpenJobs {
    const jobs = known.get(live) ?? new OpenJobs(api, live);
    known.set(live, jobs);
    return jobs;
  }

  get jobs(): readonly IOpenJob[] {
    return [...this.#jobs.values()];
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.jobs.filter(job => job.secondary === 'Pending').length;
  }

  get running(): number {
    return this.#jobs.size - this.waiting;
  }

  /** Read them for the first time, once for all who ask. */
  begin(): Promise<void> {
    this.#begun ??= this.read();
    return this.#begun;
  }

  /** Read which jobs are open; asked for again meanwhile, read once more. Throws what the API throws. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        // Not by the typed client: its code is not to be fetched at Lab's start.
        const query = { open_only: 'true', limit: '1000' };
        const answer = await this.api.request('jobs', {}, query);
        const page = (await answer.json()) as { items: JobRecord[] };
        const before = this.#jobs;
        this.#jobs = new Map(page.items.map(job => [job.name, job]));
        this.changed.emit();
        void this.#askFor(
          [...before.keys()].filter(name => !this.#jobs.has(name))
        );
      } while (this.#again);
    } finally {
      this.#reading = false;
    }
  }

  /** How they ended is known to the server alone. */
  async #askFor(gone: readonly string[]): Promise<void> {
    for (const name of gone.slice(0, ASKED)) {
      const path = { name };
      const job = await this.api.client
        .GET('/jobs/{name}', { params: { path } })
        .then(unwrap, () => null);
      if (job !== null && !isRunning(job.status)) {
        this.#tellEnd(job);
      }
    }
  }

  #hear(event: ILiveEvent): void {
    const job = event.data as IOpenJob | null;
    if (typeof job?.name === 'string') {
      if (isRunning(job.status) && event.type !== 'deleted') {
        this.#jobs.set(job.name, job);
      } else {
        const was = this.#jobs.delete(job.name);
        if (event.type !== 'deleted' && (was || event.type === 'created')) {
          this.#tellEnd(job);
        }
      }
      this.changed.emit();
    }
    if (typeof job?.name !== 'string' || this.#reading) {
      // What is on its way may be older than this event, and would stand over it.
      void this.read().catch(() => undefined);
    }
  }

  #tellEnd(job: IOpenJob): void {
    const once = job.uid ?? job.name;
    if (!this.#told.has(once)) {
      this.#told.add(once);
      this.ended.emit(job);
    }
  }

  readonly changed = new Signal<this, void>(this);
  /** A job ended, once for each. */
  readonly ended = new Signal<this, IOpenJob>(this);
  #jobs: Map<string, IOpenJob> = new Map();
  readonly #told = new Set<string>();
  #begun: Promise<void> | null = null;
  #reading = false;
  #again = false;
}
