/** Experiments: the sidebar's tree, the experiment document, the component page, their commands. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  IThemeManager,
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';

import { numberSettings } from '../../components/common/settings';
import type {
  IStudioServices,
  IStudioView
} from '../../components/common/view';
import { componentIcon, studioIcon } from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';
import { CommandIDs, addCommonCommands, addRecordCommands } from './commands';
import { decodeLink } from './links';
import type { IViewLink } from './links';

const ID = 'mlstudio:experiments';
type Feature = IViewLink['feature'];
type Page = MainAreaWidget<IStudioView>;
type Create = (
  services: IStudioServices,
  name: string,
  state: JSONObject | null
) => IStudioView;

const isObject = (value: unknown): value is JSONObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Pages of one feature: at most one for each name, restored with their state. */
class Pages {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly services: IStudioServices,
    readonly feature: Feature,
    private readonly load: () => Promise<Create>
  ) {
    this.tracker = new WidgetTracker<Page>({
      namespace: `mlstudio-${feature}`
    });
  }

  async open(name: string, view: JSONObject | null): Promise<Page> {
    const id = `mlstudio-${this.feature}-${name}`;
    // The second click of a double click comes while the first one still loads the code.
    const coming = this.opening.get(id);
    if (coming) {
      return coming;
    }
    const open = this.tracker.find(page => page.id === id);
    if (open) {
      this.app.shell.activateById(id);
      if (view) {
        open.content.applyView?.(view);
      }
      return open;
    }
    const made = this.create(id, name, view).finally(() =>
      this.opening.delete(id)
    );
    this.opening.set(id, made);
    return made;
  }

  private async create(
    id: string,
    name: string,
    view: JSONObject | null
  ): Promise<Page> {
    const create = await this.load().catch((error: unknown) => {
      // The code of an upgraded mlstudio has other names; without a word the click would do nothing.
      const { trans } = this.services;
      Notification.error(
        trans.__(
          'This page could not be loaded: the server is away, or mlstudio was updated. Reload the browser page.'
        ),
        { autoClose: false }
      );
      throw error;
    });
    const content = create(this.services, name, view);
    const page = new MainAreaWidget({ content });
    page.id = id;
    page.title.label = content.title.label || name;
    page.title.caption = content.title.caption || name;
    page.title.icon =
      this.feature === 'experiment' ? studioIcon : componentIcon;
    page.title.closable = true;
    this.names.set(page, name);
    content.stateChanged.connect(() => {
      void this.tracker.save(page);
    });
    await this.tracker.add(page);
    this.app.shell.add(page, 'main', { type: 'mlstudio' });
    this.app.shell.activateById(id);
    return page;
  }

  linkOf(page: unknown): IViewLink | null {
    const name = this.names.get(page as Page);
    return name === undefined
      ? null
      : {
          v: 1,
          feature: this.feature,
          name,
          view: (page as Page).content.toJson()
        };
  }

  readonly tracker: WidgetTracker<Page>;
  readonly names = new WeakMap<Page, string>();
  private readonly opening = new Map<string, Promise<Page>>();
}

function addOpenCommand(
  app: JupyterFrontEnd,
  pages: Pages,
  id: string,
  label: string,
  caption: string,
  restorer: ILayoutRestorer | null,
  choose?: () => Promise<string | null>
): void {
  app.commands.addCommand(id, {
    label,
    caption,
    isEnabled: args =>
      typeof args.name === 'string' ||
      (choose !== undefined && args.isPalette === true),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          view: { type: 'object' },
          isPalette: { type: 'boolean' }
        }
      }
    },
    execute: async args => {
      const name = typeof args.name === 'string' ? args.name : await choose?.();
      return typeof name === 'string'
        ? pages.open(name, isObject(args.view) ? args.view : null)
        : undefined;
    }
  });
  if (restorer) {
    void restorer.restore(pages.tracker, {
      command: id,
      args: page => {
        const link = pages.linkOf(page);
        return { name: link?.name ?? '', view: link?.view ?? {} };
      },
      name: page => pages.names.get(page) ?? page.id
    });
  }
}

async function renderSection(
  services: IStudioServices,
  pageSize: number,
  state: IStateDB | null
) {
  const { createExperimentsSection } = await import('./sidebar');
  const kept = await state?.fetch(`${ID}:tree`);
  const widget = createExperimentsSection(
    services,
    { pageSize },
    isObject(kept) ? kept : null
  );
  widget.stateChanged.connect(() => {
    void state?.save(`${ID}:tree`, widget.toJson());
  });
  return widget;
}

function addContextMenu(app: JupyterFrontEnd): void {
  const selector = '.jp-Mlstudio-tree-row[data-kind]:not([data-kind="note"])';
  const commands = [CommandIDs.rename, CommandIDs.star, CommandIDs.delete];
  commands.forEach((command, rank) => {
    app.contextMenu.addItem({ command, selector, rank });
  });
}

function activate(
  app: JupyterFrontEnd,
  api: IStudioApi,
  live: ILiveEvents | null,
  panels: IPanelRegistry | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  themes: IThemeManager | null,
  notebooks: INotebookTracker | null,
  settings: ISettingRegistry | null,
  state: IStateDB | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  const services: IStudioServices = {
    api,
    live,
    trans,
    commands: app.commands,
    themes
  };
  const setting = numberSettings(settings, ID);
  const documents = new Pages(
    app,
    services,
    'experiment',
    async () => (await import('./document')).createDocument
  );
  const components = new Pages(
    app,
    services,
    'component',
    async () => (await import('./component')).createComponentPage
  );
  addOpenCommand(
    app,
    documents,
    CommandIDs.openExperiment,
    trans.__('Open Experiment'),
    trans.__('Its trials as a table, its metrics as curves'),
    restorer,
    async () => (await import('./actions')).chooseExperiment(services)
  );
  addOpenCommand(
    app,
    components,
    CommandIDs.openComponent,
    trans.__('Open Trial Component'),
    trans.__('What ran, with what, and how it went'),
    restorer
  );
  const options = {
    services,
    notebooks,
    undoMs: async () => 1000 * (await setting('undoSeconds', 10)),
    currentLink: () =>
      documents.linkOf(app.shell.currentWidget) ??
      components.linkOf(app.shell.currentWidget)
  };
  addRecordCommands(app, options);
  addCommonCommands(app, options);
  addContextMenu(app);
  for (const command of [CommandIDs.openExperiment, CommandIDs.copyLink]) {
    palette?.addItem({
      command,
      category: trans.__('ML'),
      args: { isPalette: true }
    });
  }
  panels?.register({
    id: 'experiments',
    title: trans.__('Experiments'),
    icon: studioIcon,
    rank: 10,
    render: async () =>
      renderSection(services, await setting('pageSize', 100), state)
  });
  const link = decodeLink(
    new URLSearchParams(window.location.search).get('mlstudio')
  );
  if (link) {
    const pages = link.feature === 'experiment' ? documents : components;
    void app.restored.then(() => pages.open(link.name, link.view));
  }
}

export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Experiments: tree, document, component page.',
  autoStart: true,
  requires: [IStudioApi],
  optional: [
    ILiveEvents,
    IPanelRegistry,
    ILayoutRestorer,
    ICommandPalette,
    IThemeManager,
    INotebookTracker,
    ISettingRegistry,
    IStateDB,
    ITranslator
  ],
  activate
};
