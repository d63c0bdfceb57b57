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
import type { IOpenJob } from '../../components/common/openJobs';
import { Pages, isObject } from '../../components/common/pages';
import { numberSettings } from '../../components/common/settings';
import type { IStudioServices } from '../../components/common/view';
import { jobsIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';

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

const late = () => import('./late');

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
      const { stopJob } = await late();
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
        await (await late()).cloneJob(services, name);
      }
    }
  });
  app.commands.addCommand(DELETE_FINISHED, {
    label: trans.__('Delete Finished Jobs…'),
    caption: trans.__('Remove folders and logs of jobs that have ended'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => (await late()).deleteFinished(services)
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
        late(),
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
        late(),
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

/** The Running panel's section and the word when a job ends are loaded with the first job that is open. */
function onFirstJob(
  app: JupyterFrontEnd,
  jobs: OpenJobs,
  act: (ended: IOpenJob | null) => void
): void {
  const stop = (): void => {
    jobs.changed.disconnect(onChange);
    jobs.ended.disconnect(onEnd);
  };
  const onChange = (): void => {
    if (jobs.jobs.length > 0) {
      stop();
      act(null);
    }
  };
  // One that is over before it is seen once.
  const onEnd = (_: OpenJobs, job: IOpenJob): void => {
    stop();
    act(job);
  };
  jobs.changed.connect(onChange);
  jobs.ended.connect(onEnd);
  void app.restored.then(() => jobs.begin().catch(() => undefined));
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
      const { createJobsSection } = await late();
      return createJobsSection(services, await setting('recent', 10));
    }
  });
  if (live !== null) {
    const jobs = OpenJobs.of(api, live);
    onFirstJob(app, jobs, ended => {
      void late().then(({ watch }) =>
        watch({ jobs, services, managers, settings, setting }, ended)
      );
    });
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
