/** Experiments: the sidebar's tree, the experiment document, the pages beside it, their commands. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { Pages, isObject } from '../../components/common/pages';
import { numberSettings } from '../../components/common/settings';
import type { IStudioServices } from '../../components/common/view';
import {
  compareIcon,
  componentIcon,
  doctorIcon,
  importIcon,
  studioIcon
} from '../../icons';
import { ILiveEvents, IPanelRegistry, IStudioApi } from '../../tokens';
import {
  CommandIDs,
  addCommonCommands,
  addRecordCommands,
  targetOf
} from './commands';
import { compareName, decodeLink, legalNames } from './links';

const ID = 'mlstudio:experiments';

const openSchema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    view: { type: 'object' },
    isPalette: { type: 'boolean' }
  }
};

interface IOpenCommand {
  readonly id: string;
  readonly label: string;
  readonly caption: string;
  /** Ask which one, when the palette calls without a name. */
  readonly choose?: () => Promise<string | null>;
}

function addOpenCommand(
  app: JupyterFrontEnd,
  pages: Pages,
  command: IOpenCommand
): void {
  const { id, label, caption, choose } = command;
  app.commands.addCommand(id, {
    label,
    caption,
    isEnabled: args =>
      typeof args.name === 'string' ||
      (choose !== undefined && args.isPalette === true),
    describedBy: { args: openSchema },
    execute: async args => {
      const name = typeof args.name === 'string' ? args.name : await choose?.();
      return typeof name === 'string'
        ? pages.open(name, isObject(args.view) ? args.view : null)
        : undefined;
    }
  });
}

/** Comparisons are asked for by the names of components; a restored one comes with its view. */
function addCompareCommand(
  app: JupyterFrontEnd,
  pages: Pages,
  trans: IStudioServices['trans']
): void {
  const rowName = (args: ReadonlyPartialJSONObject): string | undefined => {
    const target = targetOf(app, { focused: args.focused });
    return target?.kind === 'component' ? target.name : undefined;
  };
  app.commands.addCommand(CommandIDs.compare, {
    label: args =>
      Array.isArray(args.names)
        ? trans.__('Compare Trials')
        : trans.__('Compare With…'),
    caption: trans.__('Show trial components side by side'),
    isEnabled: args =>
      legalNames(args.names).length > 0 ||
      isObject(args.view) ||
      rowName(args) !== undefined,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          names: { type: 'array', items: { type: 'string' } },
          name: { type: 'string' },
          view: { type: 'object' },
          focused: { type: 'boolean' }
        }
      }
    },
    execute: async args => {
      const view = isObject(args.view) ? args.view : {};
      const asked = args.names ?? view.names ?? [rowName(args)];
      const names = legalNames(asked);
      const page =
        typeof args.name === 'string' && args.name !== ''
          ? args.name
          : compareName(names);
      return names.length === 0
        ? undefined
        : pages.open(page, { ...view, names });
    }
  });
}

/** Pages of which there is one. */
function addSingleCommand(
  app: JupyterFrontEnd,
  pages: Pages,
  command: Omit<IOpenCommand, 'choose'>
): void {
  const { id, label, caption } = command;
  app.commands.addCommand(id, {
    label,
    caption,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => pages.open('page', null)
  });
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
  const row = '.jp-Mlstudio-tree-row';
  // Lab refuses selectors with commas.
  const here = `${row}:not([data-kind="note"]):not([data-state="deleted"])`;
  const gone = `${row}[data-state="deleted"]`;
  const items: [command: string, selector: string][] = [
    [CommandIDs.compare, `${row}[data-kind="component"]:not([data-state])`],
    [CommandIDs.rename, here],
    [CommandIDs.star, here],
    [CommandIDs.properties, here],
    [CommandIDs.move, `${row}[data-kind="trial"]:not([data-state])`],
    [CommandIDs.archive, here],
    [CommandIDs.delete, here],
    [CommandIDs.restore, gone],
    [CommandIDs.purge, gone]
  ];
  items.forEach(([command, selector], rank) => {
    app.contextMenu.addItem({ command, selector, rank });
  });
}

/** The pages of this feature and the commands that open them. */
function addPages(
  app: JupyterFrontEnd,
  services: IStudioServices,
  restorer: ILayoutRestorer | null
) {
  const { trans } = services;
  const documents = new Pages(app, services, {
    feature: 'experiment',
    icon: studioIcon,
    load: async () => (await import('./document')).createDocument
  });
  const components = new Pages(app, services, {
    feature: 'component',
    icon: componentIcon,
    load: async () => (await import('./component')).createComponentPage
  });
  const comparisons = new Pages(app, services, {
    feature: 'compare',
    icon: compareIcon,
    load: async () => (await import('./compare')).createComparePage
  });
  addOpenCommand(app, documents, {
    id: CommandIDs.openExperiment,
    label: trans.__('Open Experiment'),
    caption: trans.__('Its trials as a table, its metrics as curves'),
    choose: async () => (await import('./actions')).chooseExperiment(services)
  });
  addOpenCommand(app, components, {
    id: CommandIDs.openComponent,
    label: trans.__('Open Trial Component'),
    caption: trans.__('What ran, with what, and how it went')
  });
  addCompareCommand(app, comparisons, trans);
  documents.restore(restorer, CommandIDs.openExperiment);
  components.restore(restorer, CommandIDs.openComponent);
  comparisons.restore(restorer, CommandIDs.compare);
  addSingleCommand(
    app,
    new Pages(app, services, {
      feature: 'import',
      icon: importIcon,
      load: async () => (await import('./transfers')).createImportPage
    }),
    {
      id: CommandIDs.importRuns,
      label: trans.__('Import Runs…'),
      caption: trans.__(
        'Bring runs in from MLflow, TensorBoard, W&B and others'
      )
    }
  );
  addSingleCommand(
    app,
    new Pages(app, services, {
      feature: 'doctor',
      icon: doctorIcon,
      load: async () => (await import('./doctor')).createDoctorPage
    }),
    {
      id: CommandIDs.doctor,
      label: trans.__('mlstudio: Doctor'),
      caption: trans.__('What takes room, what is stuck, what is broken')
    }
  );
  return { experiment: documents, component: components, compare: comparisons };
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
  translator: ITranslator | null,
  rendermime: IRenderMimeRegistry | null,
  languages: IEditorLanguageRegistry | null
): void {
  const trans = (translator ?? nullTranslator).load('mlstudio');
  const { commands } = app;
  const services: IStudioServices = {
    api,
    live,
    trans,
    commands,
    themes,
    rendermime,
    languages
  };
  const setting = numberSettings(settings, ID);
  const pages = addPages(app, services, restorer);
  const options = {
    services,
    notebooks,
    undoMs: async () => 1000 * (await setting('undoSeconds', 10)),
    currentLink: () => {
      for (const feature of ['experiment', 'component', 'compare'] as const) {
        const open = pages[feature].openOf(app.shell.currentWidget);
        if (open !== null) {
          return { v: 1 as const, feature, ...open };
        }
      }
      return null;
    }
  };
  addRecordCommands(app, options);
  addCommonCommands(app, options);
  addContextMenu(app);
  for (const command of [
    CommandIDs.openExperiment,
    CommandIDs.importRuns,
    CommandIDs.doctor,
    CommandIDs.copyLink
  ]) {
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
    const open =
      link.feature === 'compare'
        ? () => commands.execute(CommandIDs.compare, { view: link.view })
        : () => pages[link.feature].open(link.name, link.view);
    void app.restored.then(open);
  }
}

export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Experiments: tree, document, component page, comparison.',
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
    ITranslator,
    IRenderMimeRegistry,
    IEditorLanguageRegistry
  ],
  activate
};
