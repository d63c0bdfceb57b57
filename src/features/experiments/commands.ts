/** Ids, labels and argument schemas of the experiments commands; what they do is in `actions`. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IStudioServices } from '../../components/common/view';
import type { ITarget, RecordKind } from './actions';
import { linkUrl } from './links';
import type { IViewLink } from './links';

export const CommandIDs = {
  openExperiment: 'mlstudio:open-experiment',
  openComponent: 'mlstudio:open-component',
  rename: 'mlstudio:rename',
  star: 'mlstudio:star',
  delete: 'mlstudio:delete',
  insertCode: 'mlstudio:insert-code',
  copyLink: 'mlstudio:copy-link'
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

const targetSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: [...KINDS] },
    name: { type: 'string' },
    label: { type: 'string' }
  }
};

/** The record that the arguments name, or the row under the context menu. */
function targetOf(
  app: JupyterFrontEnd,
  args: ReadonlyPartialJSONObject
): ITarget | null {
  const { kind, name, label } = args;
  if (typeof name === 'string' && KINDS.includes(String(kind))) {
    return {
      kind: kind as RecordKind,
      name,
      label: typeof label === 'string' ? label : undefined
    };
  }
  const row = app.contextMenuHitTest(node =>
    node.classList.contains('jp-Mlstudio-tree-row')
  );
  const found = row?.dataset;
  return found?.name !== undefined && KINDS.includes(String(found.kind))
    ? {
        kind: found.kind as RecordKind,
        name: found.name,
        label:
          row?.querySelector('.jp-Mlstudio-tree-label')?.textContent ??
          undefined
      }
    : null;
}

/** Add the commands that change a record. */
export function addRecordCommands(
  app: JupyterFrontEnd,
  options: ICommandOptions
): void {
  const { services } = options;
  const { trans } = services;
  const add = (
    id: string,
    label: string,
    caption: string,
    act: (target: ITarget) => Promise<void>
  ): void => {
    app.commands.addCommand(id, {
      label,
      caption,
      isEnabled: args => targetOf(app, args) !== null,
      describedBy: { args: targetSchema },
      execute: async args => {
        const target = targetOf(app, args);
        if (target) {
          await act(target);
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
}

/** Add the commands about links and code. */
export function addCommonCommands(
  app: JupyterFrontEnd,
  options: ICommandOptions
): void {
  const { services, notebooks } = options;
  const { trans } = services;
  app.commands.addCommand(CommandIDs.insertCode, {
    label: trans.__('Insert Code Into Notebook'),
    caption: trans.__('Put code into a new cell of the notebook in front'),
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
}
