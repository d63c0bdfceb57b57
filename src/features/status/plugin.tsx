/** The status bar item: how many jobs run and how many wait; a click shows them. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { OpenJobs } from '../../components/common/openJobs';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';

const ID = 'mlstudio:status';

class RunningItem extends ReactWidget {
  constructor(
    private readonly jobs: OpenJobs,
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
    const { running, waiting } = this.jobs;
    const runs = this.trans._n('%1 job running', '%1 jobs running', running);
    const text =
      waiting === 0 ? runs : this.trans.__('%1, %2 waiting', runs, waiting);
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
      const jobs = OpenJobs.of(api, live);
      const item = new RunningItem(jobs, trans, () => panels?.reveal('jobs'));
      statusBar.registerStatusItem(ID, {
        item,
        align: 'left',
        rank: 20,
        isActive: () => shown || jobs.jobs.length > 0,
        activeStateChanged: jobs.changed
      });
      // Without the server part there is nothing to count; the sidebar says why.
      await jobs.begin().catch(() => undefined);
    });
  }
};
