/** Launch: files and cells become jobs, now or on a schedule. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { Pages } from '../../components/common/pages';
import type { IStudioServices } from '../../components/common/view';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IStudioApi } from '../../tokens';
import { asJobCell } from './cell';
import { isRunnable } from './form';
import { recall } from './memory';

const ID = 'mlstudio:launch';
const RUN = 'mlstudio:run-as-job';
const RUN_FILE = 'mlstudio:run-file-as-job';
const RUN_CELL = 'mlstudio:run-cell-as-job';
const OPEN_SCHEDULES = 'mlstudio:open-schedules';

const NOTHING = { args: { type: 'object', properties: {} } };

/** The commands that open the form and the list. */
function addPages(
  app: JupyterFrontEnd,
  services: IStudioServices,
  notebooks: INotebookTracker | null,
  restorer: ILayoutRestorer | null
): void {
  const { trans, commands } = services;
  const save = async (path: string): Promise<void> => {
    const open = notebooks?.find(panel => panel.context.path === path);
    if (open?.context.model.dirty) {
      await open.context.save();
    }
  };
  const forms = new Pages(app, services, {
    feature: 'launch',
    icon: jobsIcon,
    load: async () => {
      const { createLaunchPage } = await import(
        /* webpackChunkName: "mlstudio-launch" */ './Form'
      );
      return (given, path) => createLaunchPage(given, path, save);
    }
  });
  const schedules = new Pages(app, services, {
    feature: 'schedules',
    icon: jobsIcon,
    load: async () => {
      const { createSchedulesPage } = await import(
        /* webpackChunkName: "mlstudio-launch" */ './Schedules'
      );
      return given => createSchedulesPage(given);
    }
  });
  const pathOf = (args: ReadonlyPartialJSONObject): string | null =>
    // A restored page gives its name.
    [args.path, args.name].find(one => typeof one === 'string') ??
    notebooks?.currentWidget?.context.path ??
    null;
  commands.addCommand(RUN, {
    label: trans.__('Run as Job…'),
    caption: trans.__('Run the whole notebook as a job, now or on a schedule'),
    icon: jobsIcon,
    isEnabled: args => pathOf(args) !== null,
    describedBy: {
      args: { type: 'object', properties: { path: { type: 'string' } } }
    },
    execute: async args => {
      const path = pathOf(args);
      if (path !== null) {
        // Its parameters are read from the file.
        await save(path);
        return forms.open(path, null);
      }
      return undefined;
    }
  });
  commands.addCommand(OPEN_SCHEDULES, {
    label: trans.__('Open Schedules'),
    caption: trans.__('Jobs that run again and again'),
    icon: jobsIcon,
    describedBy: NOTHING,
    execute: () => schedules.open('page', null)
  });
  forms.restore(restorer, RUN);
  schedules.restore(restorer, OPEN_SCHEDULES);
}

/** Put `%%job` above the active cell and run it. */
async function runCell(
  services: IStudioServices,
  notebooks: INotebookTracker
): Promise<void> {
  const { trans, commands } = services;
  const cell = notebooks.activeCell;
  const panel = notebooks.currentWidget;
  if (cell === null || panel === null) {
    return;
  }
  const source = asJobCell(
    cell.model.sharedModel.getSource(),
    recall().instanceType ?? 'local'
  );
  if (source === null) {
    Notification.warning(
      trans.__('A cell that is empty or has another cell magic is no job.')
    );
    return;
  }
  cell.model.sharedModel.setSource(source);
  // The magic is known once the extension is loaded; a second time does nothing.
  await panel.sessionContext.ready;
  panel.sessionContext.session?.kernel?.requestExecute({
    code: "get_ipython().run_line_magic('load_ext', 'mlstudio')",
    silent: true,
    store_history: false
  });
  await commands.execute('notebook:run-cell');
}

function activate(
  app: JupyterFrontEnd,
  api: IStudioApi,
  live: ILiveEvents | null,
  notebooks: INotebookTracker | null,
  browser: IDefaultFileBrowser | null,
  palette: ICommandPalette | null,
  translator: ITranslator | null,
  restorer: ILayoutRestorer | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  const { commands } = app;
  const services = { api, live, trans, commands, themes: null };
  addPages(app, services, notebooks, restorer);
  const chosen = (): string | null => {
    const all = [...(browser?.selectedItems() ?? [])];
    return all.length === 1 && isRunnable(all[0].path) ? all[0].path : null;
  };
  commands.addCommand(RUN_FILE, {
    label: trans.__('Run as Job…'),
    caption: trans.__('Run the file as a job, now or on a schedule'),
    icon: jobsIcon,
    isVisible: () => chosen() !== null,
    describedBy: NOTHING,
    execute: () => commands.execute(RUN, { path: chosen() })
  });
  commands.addCommand(RUN_CELL, {
    label: trans.__('Run Cell as Job'),
    caption: trans.__('Run this cell as a job that outlives the notebook'),
    icon: jobsIcon,
    isEnabled: () => notebooks?.activeCell?.model.type === 'code',
    isVisible: () => notebooks?.activeCell?.model.type === 'code',
    describedBy: NOTHING,
    execute: () => (notebooks ? runCell(services, notebooks) : undefined)
  });
  for (const command of [RUN, RUN_CELL, OPEN_SCHEDULES]) {
    palette?.addItem({ command, category: trans.__('ML') });
  }
}

export const launchPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Files and cells become jobs, now or on a schedule.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    ILiveEvents,
    INotebookTracker,
    IDefaultFileBrowser,
    ICommandPalette,
    ITranslator,
    ILayoutRestorer
  ],
  activate
};
