/** Ids, labels and argument schemas of the experiments commands; what they do is loaded when first used. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { isObject } from '../../components/common/pages';
import type { IStudioServices } from '../../components/common/view';
import type { ITarget, RecordKind } from './actions';
import { linkUrl } from './links';
import type { IViewLink } from './links';

export const CommandIDs = {
  openExperiment: 'mlstudio:open-experiment',
  openComponent: 'mlstudio:open-component',
  compare: 'mlstudio:compare-trials',
  rename: 'mlstudio:rename',
  star: 'mlstudio:star',
  properties: 'mlstudio:properties',
  move: 'mlstudio:move-trial',
  archive: 'mlstudio:archive',
  delete: 'mlstudio:delete',
  restore: 'mlstudio:restore',
  purge: 'mlstudio:purge',
  insertCode: 'mlstudio:insert-code',
  copyLink: 'mlstudio:copy-link',
  importRuns: 'mlstudio:import-runs',
  exportRows: 'mlstudio:export-rows',
  doctor: 'mlstudio:doctor'
} as const;

const KINDS: readonly string[] = ['experiment', 'trial', 'component'];

/** What the commands need from the plugin. */
export interface ICommandOptions {
  readonly services: IStudioServices;
  readonly notebooks: INotebookTracker | null;
  readonly undoMs: () => Promise<number>;
  /** The link of the view in front, if one of ours is. */
  readonly currentLink: () => IViewLink | null;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const targetSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: [...KINDS] },
    name: { type: 'string' },
    label: { type: 'string' },
    focused: { type: 'boolean' }
  }
};

const ROW = 'jp-Mlstudio-tree-row';

/** The row under the context menu, or the one that has the focus when a key was pressed. */
function rowOf(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject
): HTMLElement | null {
  return args.focused === true
    ? (document.activeElement?.closest<HTMLElement>(`.${ROW}`) ?? null)
    : (app.contextMenuHitTest(node => node.classList.contains(ROW)) ?? null);
}

/** The record that the arguments name, or that of the row. */
export function targetOf(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject
): ITarget | null {
  const { kind, name, label, archived } = args;
  if (typeof name === 'string' && KINDS.includes(String(kind ?? 'trial'))) {
    return {
      kind: (kind ?? 'trial') as RecordKind,
      name,
      label: text(label),
      archived: archived === false
    };
  }
  const row = rowOf(app, args);
  const found = row?.dataset;
  return found?.name !== undefined && KINDS.includes(String(found.kind))
    ? {
        kind: found.kind as RecordKind,
        name: found.name,
        label:
          row?.querySelector('.jp-Mlstudio-tree-label')?.textContent ??
          undefined,
        archived: found.state === 'archived'
      }
    : null;
}

type Act = (
  target: ITarget,
  args: ReadonlyPartialJSONObject
) => Promise<unknown>;

/** Add the commands that change a record. */
export function addRecordCommands(
  app: JupyterFrontEnd,
  options: ICommandOptions
): void {
  const { services } = options;
  const { trans } = services;
  const add = (
    id: string,
    label: string | ((target: ITarget | null) => string),
    caption: string,
    act: Act,
    properties: object = {}
  ): void => {
    const schema = {
      ...targetSchema,
      properties: { ...targetSchema.properties, ...properties }
    };
    app.commands.addCommand(id, {
      label:
        typeof label === 'string' ? label : args => label(targetOf(app, args)),
      caption,
      isEnabled: args => targetOf(app, args) !== null,
      describedBy: { args: schema },
      execute: async args => {
        const target = targetOf(app, args);
        if (target) {
          await act(target, args);
        }
      }
    });
  };
  add(
    CommandIDs.rename,
    trans.__('Rename…'),
    trans.__('Give it another display name'),
    async target => (await import('./actions')).rename(services, target)
  );
  add(
    CommandIDs.star,
    trans.__('Star or Unstar'),
    trans.__('Keep it at the top'),
    async target => (await import('./actions')).toggleStar(services, target)
  );
  add(
    CommandIDs.properties,
    trans.__('Properties…'),
    trans.__('Its names, times and tags; its notes, to read and to write'),
    async target => (await import('./properties')).properties(services, target)
  );
  add(
    CommandIDs.move,
    trans.__('Move to Experiment…'),
    trans.__('Move this trial to another experiment'),
    async (target, args) =>
      (await import('./housekeeping')).moveTrial(
        services,
        target,
        text(args.experiment) ?? null,
        await options.undoMs()
      ),
    { experiment: { type: 'string' } }
  );
  add(
    CommandIDs.archive,
    target =>
      target?.archived === true
        ? trans.__('Take Out of the Archive')
        : trans.__('Archive'),
    trans.__('Put it out of sight without deleting it, or bring it back'),
    async (target, args) =>
      (await import('./housekeeping')).archive(
        services,
        target,
        typeof args.archived === 'boolean' ? args.archived : !target.archived,
        await options.undoMs()
      ),
    { archived: { type: 'boolean' } }
  );
  add(
    CommandIDs.delete,
    trans.__('Delete'),
    trans.__('Delete it; it can be restored'),
    async target =>
      (await import('./actions')).remove(
        services,
        target,
        await options.undoMs()
      )
  );
  add(
    CommandIDs.restore,
    trans.__('Restore'),
    trans.__('Take it out of the deleted ones'),
    async target => (await import('./housekeeping')).restore(services, target)
  );
  add(
    CommandIDs.purge,
    trans.__('Delete for Good…'),
    trans.__('Remove it and its files from the disk; nothing brings it back'),
    async target => (await import('./housekeeping')).purge(services, target)
  );
}

/** Add the commands about links, code and rows. */
export function addCommonCommands(
  app: JupyterFrontEnd,
  options: ICommandOptions
): void {
  const { services, notebooks } = options;
  const { trans } = services;
  app.commands.addCommand(CommandIDs.insertCode, {
    label: trans.__('Insert Code Into Notebook'),
    caption: trans.__(
      'Put code into a new cell of the notebook in front, or of a new one'
    ),
    isEnabled: args => notebooks !== null && typeof args.code === 'string',
    describedBy: {
      args: {
        type: 'object',
        required: ['code'],
        properties: { code: { type: 'string' } }
      }
    },
    execute: async args => {
      if (notebooks !== null && typeof args.code === 'string') {
        const { insertCode } = await import('./actions');
        await insertCode(services, notebooks, args.code);
      }
    }
  });
  app.commands.addCommand(CommandIDs.copyLink, {
    label: trans.__('Copy Link to This Studio View'),
    caption: trans.__('Copy an address that opens this view as it is'),
    isEnabled: () => options.currentLink() !== null,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      const link = options.currentLink();
      const base = app.serviceManager.serverSettings.appUrl;
      if (link !== null) {
        // Lab's own address may lack the host; a link is for another window.
        const whole = new URL(linkUrl(base, link), window.location.href).href;
        Clipboard.copyToSystem(whole);
        Notification.success(trans.__('The link is in the clipboard.'), {
          autoClose: 3000
        });
      }
    }
  });
  app.commands.addCommand(CommandIDs.exportRows, {
    label: trans.__('Export Rows…'),
    caption: trans.__('Write trial components as CSV, Parquet or MLflow'),
    isEnabled: args => isObject(args.request),
    describedBy: {
      args: {
        type: 'object',
        required: ['request'],
        properties: { request: { type: 'object' } }
      }
    },
    execute: async args => {
      if (isObject(args.request)) {
        const { exportRows } = await import('./transfers');
        await exportRows(services, args.request);
      }
    }
  });
}
