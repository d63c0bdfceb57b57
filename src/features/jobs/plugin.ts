/** Jobs: the sidebar's section, their pages and commands, the Running panel, what is told when one ends. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { OpenJobs } from '../../components/common/openJobs';
import { Pages, isObject } from '../../components/common/pages';
import { numberSettings } from '../../components/common/settings';
import type { IStudioServices } from '../../components/common/view';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';
import type { EndTeller, Told } from './notify';
import { runningJobs } from './running';

const ID = 'mlstudio:jobs';
const STOP = 'mlstudio:stop-job';
const DELETE_FINISHED = 'mlstudio:delete-finished';
const OPEN_ALL = 'mlstudio:open-jobs';
const OPEN = 'mlstudio:open-job';
const CLONE = 'mlstudio:clone-job';

const named = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, view: { type: 'object' } }
};

type Setting = (key: string, fallback: number) => Promise<number>;

const nameOf = (args: ReadonlyPartialJSONObject): string | null =>
  typeof args.name === 'string' ? args.name : null;

/** Commands that change jobs. */
function addActions(
  app: JupyterFrontEnd,
  services: IStudioServices,
  setting: Setting
): void {
  const { trans } = services;
  app.commands.addCommand(STOP, {
    label: trans.__('Stop Job'),
    caption: trans.__('Ask a running job to stop and to save its work'),
    isEnabled: args => nameOf(args) !== null,
    describedBy: { args: named },
    execute: async args => {
      const name = nameOf(args);
      if (name === null) {
        return null;
      }
      const { stopJob } = await import('./actions');
      return stopJob(services, name, await setting('stopGrace', 120));
    }
  });
  app.commands.addCommand(CLONE, {
    label: trans.__('Clone Job to Notebook'),
    caption: trans.__('Put the code that submits the same into a notebook'),
    isEnabled: args => nameOf(args) !== null,
    describedBy: { args: named },
    execute: async args => {
      const name = nameOf(args);
      if (name !== null) {
        await (await import('./doing')).cloneJob(services, name);
      }
    }
  });
  app.commands.addCommand(DELETE_FINISHED, {
    label: trans.__('Delete Finished Jobs…'),
    caption: trans.__('Remove folders and logs of jobs that have ended'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => (await import('./actions')).deleteFinished(services)
  });
}

/** The pages and the commands that open them. */
function addPages(
  app: JupyterFrontEnd,
  services: IStudioServices,
  setting: Setting,
  restorer: ILayoutRestorer | null
): void {
  const { trans } = services;
  const all = new Pages(app, services, {
    feature: 'jobs',
    icon: jobsIcon,
    load: async () => {
      const [{ createJobsPage }, grace] = await Promise.all([
        import('./list'),
        setting('stopGrace', 120)
      ]);
      return (given, _, state) => createJobsPage(given, state, grace);
    }
  });
  const one = new Pages(app, services, {
    feature: 'job',
    icon: jobsIcon,
    load: async () => {
      const [{ createJobPage }, grace] = await Promise.all([
        import('./page'),
        setting('stopGrace', 120)
      ]);
      return (given, name, state) => createJobPage(given, name, state, grace);
    }
  });
  app.commands.addCommand(OPEN_ALL, {
    label: trans.__('Open Jobs'),
    caption: trans.__('What runs, what waits, what ended'),
    describedBy: {
      args: { type: 'object', properties: { view: { type: 'object' } } }
    },
    execute: args => all.open('page', isObject(args.view) ? args.view : null)
  });
  app.commands.addCommand(OPEN, {
    label: trans.__('Open Job'),
    caption: trans.__('Where it stands, its log, its files'),
    isEnabled: args => nameOf(args) !== null,
    describedBy: { args: named },
    execute: async args => {
      const name = nameOf(args);
      return name === null
        ? undefined
        : one.open(name, isObject(args.view) ? args.view : null);
    }
  });
  all.restore(restorer, OPEN_ALL);
  one.restore(restorer, OPEN);
}

/** Lab's Running panel, and a word when a job ends; both begin once the page stands. */
function watch(
  app: JupyterFrontEnd,
  services: IStudioServices,
  live: ILiveEvents,
  managers: IRunningSessionManagers | null,
  settings: ISettingRegistry | null,
  setting: Setting
): void {
  const { api, trans, commands } = services;
  let teller: Promise<EndTeller> | null = null;
  const told = async (): Promise<Told> => {
    const loaded = await settings?.load(ID).catch(() => null);
    return (loaded?.composite.notify as Told | undefined) ?? 'all';
  };
  void app.restored.then(() => {
    const jobs = OpenJobs.of(api, live);
    jobs.ended.connect(async (_, job) => {
      teller ??= import('./notify').then(
        ({ EndTeller: Teller }) => new Teller(services)
      );
      const [{ isNews }, wanted] = [await import('./notify'), await told()];
      if (isNews(job, wanted)) {
        (await teller).add(job);
      }
    });
    if (managers !== null) {
      const stopAll = async (names: readonly string[]): Promise<void> => {
        const { stopAsked } = await import('./doing');
        await stopAsked(services, names, await setting('stopGrace', 120));
      };
      managers.add(
        runningJobs({
          jobs,
          trans,
          commands,
          stopAll: names => void stopAll(names)
        })
      );
    }
    // Without the server part there is nothing to count; the sidebar says why.
    void jobs.begin().catch(() => undefined);
  });
}

function activate(
  app: JupyterFrontEnd,
  api: IStudioApi,
  live: ILiveEvents | null,
  panels: IPanelRegistry | null,
  palette: ICommandPalette | null,
  themes: IThemeManager | null,
  settings: ISettingRegistry | null,
  translator: ITranslator | null,
  restorer: ILayoutRestorer | null,
  managers: IRunningSessionManagers | null,
  languages: IEditorLanguageRegistry | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  const setting = numberSettings(settings, ID);
  const services: IStudioServices = {
    api,
    live,
    trans,
    commands: app.commands,
    themes,
    languages
  };
  addActions(app, services, setting);
  addPages(app, services, setting, restorer);
  for (const command of [OPEN_ALL, DELETE_FINISHED]) {
    palette?.addItem({ command, category: trans.__('ML') });
  }
  panels?.register({
    id: 'jobs',
    title: trans.__('Jobs'),
    icon: jobsIcon,
    rank: 20,
    render: async () => {
      const { createJobsSection } = await import('./panel');
      return createJobsSection(services, await setting('recent', 10));
    }
  });
  if (live !== null) {
    watch(app, services, live, managers, settings, setting);
  }
}

export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Jobs: queue, pages, Running panel, notifications.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    ILiveEvents,
    IPanelRegistry,
    ICommandPalette,
    IThemeManager,
    ISettingRegistry,
    ITranslator,
    ILayoutRestorer,
    IRunningSessionManagers,
    IEditorLanguageRegistry
  ],
  activate
};
