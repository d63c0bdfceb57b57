/** The status bar item: how many jobs run now; a click shows them. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { unwrap } from '../../api/client';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';

const ID = 'mlstudio:status';

/** Names of running jobs, by what the server says of each. */
export class RunningJobs {
  constructor(
    private readonly api: IStudioApi,
    live: ILiveEvents
  ) {
    live.subscribe('jobs', event => {
      const job = event.data as { name?: unknown; status?: unknown } | null;
      if (typeof job?.name === 'string') {
        const runs = job.status === 'InProgress' || job.status === 'Stopping';
        this.#set(job.name, runs && event.type !== 'deleted');
      }
      if (typeof job?.name !== 'string' || this.#reading) {
        // What is on its way may be older than this event, and would stand over it.
        void this.read().catch(() => undefined);
      }
    });
  }

  get count(): number {
    return this.#names.size;
  }

  /** Read which jobs run; asked for again meanwhile, read once more. Throws what the API throws. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        this.#names = await this.#running();
        this.changed.emit();
      } while (this.#again);
    } finally {
      this.#reading = false;
    }
  }

  async #running(): Promise<Set<string>> {
    const names = new Set<string>();
    for (const status of ['InProgress', 'Stopping'] as const) {
      const query = { status, limit: 1000 };
      const page = await this.api.client.GET('/jobs', { params: { query } });
      unwrap(page).items.forEach(job => names.add(job.name));
    }
    return names;
  }

  #set(name: string, running: boolean): void {
    if (running !== this.#names.has(name)) {
      if (running) {
        this.#names.add(name);
      } else {
        this.#names.delete(name);
      }
      this.changed.emit();
    }
  }

  readonly changed = new Signal<this, void>(this);
  #names = new Set<string>();
  #reading = false;
  #again = false;
}

class RunningItem extends ReactWidget {
  constructor(
    private readonly jobs: RunningJobs,
    private readonly trans: TranslationBundle,
    private readonly open: () => void
  ) {
    super();
    this.addClass('jp-Mlstudio-statusitem');
    jobs.changed.connect(this.update, this);
  }

  override dispose(): void {
    this.jobs.changed.disconnect(this.update, this);
    super.dispose();
  }

  protected render(): React.ReactElement {
    const n = this.jobs.count;
    const text = this.trans._n('%1 job running', '%1 jobs running', n);
    return (
      <button
        type="button"
        className="jp-Mlstudio-statusbutton"
        title={this.trans.__('Show jobs in Studio')}
        onClick={this.open}
      >
        <jobsIcon.react tag="span" elementSize="small" />
        <span aria-live="polite">{text}</span>
      </button>
    );
  }
}

async function always(registry: ISettingRegistry | null): Promise<boolean> {
  try {
    return (await registry?.load(ID))?.composite.always === true;
  } catch {
    return false;
  }
}

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Running jobs in the status bar.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    ILiveEvents,
    IStatusBar,
    IPanelRegistry,
    ISettingRegistry,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    api: IStudioApi,
    live: ILiveEvents | null,
    statusBar: IStatusBar | null,
    panels: IPanelRegistry | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    if (statusBar === null || live === null) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('mlstudio');
    void app.restored.then(async () => {
      const shown = await always(settings);
      const jobs = new RunningJobs(api, live);
      const item = new RunningItem(jobs, trans, () => panels?.reveal('jobs'));
      statusBar.registerStatusItem(ID, {
        item,
        align: 'left',
        rank: 20,
        isActive: () => shown || jobs.count > 0,
        activeStateChanged: jobs.changed
      });
      // Without the server part there is nothing to count; the sidebar says why.
      await jobs.read().catch(() => undefined);
    });
  }
};
