/** What the commands of the experiments feature do; loaded when one is first used. */
import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';

import { unwrap } from '../../api/client';
import { bannerOf } from '../../api/errors';
import { studioQueryClient } from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { offerUndo as offer } from './undo';

/** Kinds of records that can be renamed, starred and deleted. */
export type RecordKind = 'experiment' | 'trial' | 'component';

const ROUTES: Record<RecordKind, string> = {
  experiment: 'experiments',
  trial: 'trials',
  component: 'trial-components'
};

/** A record that a command is about. */
export interface ITarget {
  readonly kind: RecordKind;
  readonly name: string;
  /** What the user sees; the name when absent. */
  readonly label?: string;
  readonly archived?: boolean;
}

/** The path of a record, and of what is done to it. */
export const pathOf = (target: ITarget, verb = ''): string =>
  `${ROUTES[target.kind]}/${encodeURIComponent(target.name)}${verb}`;

/** What is on the screen may be old after a change of ours: do not wait for the socket. */
function changed(): void {
  void studioQueryClient.invalidateQueries();
}

/** Do it, read everything again; a failure is told in a dialog. */
export async function attempt(
  services: IStudioServices,
  title: string,
  work: () => Promise<void>
): Promise<boolean> {
  try {
    await work();
    changed();
    return true;
  } catch (error) {
    const banner = bannerOf(error, services.trans);
    await showErrorMessage(title, `${banner.text} ${banner.hint}`.trim());
    return false;
  }
}

/** Send JSON. */
export const send = (
  services: IStudioServices,
  method: string,
  path: string,
  body?: object
): Promise<Response> =>
  services.api.request(path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' }
  });

/** Experiments offered to the palette; the sidebar's filter finds the others. */
const OFFERED = 500;

/** Ask which experiment; null when the user thinks better of it or there is none. */
export async function chooseExperiment(
  services: IStudioServices,
  title = services.trans.__('Open Experiment'),
  okLabel = services.trans.__('Open')
): Promise<string | null> {
  const { api, trans } = services;
  try {
    const query = { limit: OFFERED };
    const page = await api.client.GET('/experiments', { params: { query } });
    const names = unwrap(page).items.map(one => one.name);
    if (names.length === 0) {
      await showErrorMessage(title, trans.__('There is no experiment yet.'));
      return null;
    }
    const asked = await InputDialog.getItem({
      title,
      label: trans.__('Name:'),
      items: names,
      okLabel
    });
    return asked.button.accept ? asked.value : null;
  } catch (error) {
    const banner = bannerOf(error, services.trans);
    await showErrorMessage(title, `${banner.text} ${banner.hint}`.trim());
    return null;
  }
}

/** Give a record another display name; its name, which programs use, stays. */
export async function rename(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  const { trans } = services;
  const answer = await InputDialog.getText({
    title: trans.__('Rename'),
    label: trans.__('Display name of %1', target.name),
    text: target.label ?? target.name,
    okLabel: trans.__('Rename')
  });
  if (answer.button.accept) {
    const text = answer.value?.trim() ?? '';
    await attempt(services, trans.__('Rename failed'), async () => {
      await send(services, 'PATCH', pathOf(target), {
        display_name: text === '' ? null : text
      });
    });
  }
}

/** Star a record, or take the star away. */
export async function toggleStar(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  await attempt(services, services.trans.__('Star failed'), async () => {
    const answer = await services.api.request(pathOf(target));
    const record = (await answer.json()) as { starred?: boolean };
    await send(services, 'PATCH', pathOf(target), { starred: !record.starred });
  });
}

/** Say what was done, and offer to undo it for a while. */
export function offerUndo(
  services: IStudioServices,
  said: string,
  undoMs: number,
  undo: () => Promise<void>
): void {
  const { trans } = services;
  const callback = (): void => {
    void attempt(services, trans.__('Undo failed'), undo);
  };
  offer(said, trans, callback, undoMs);
}

/** How a record is called in a sentence. */
export const labelOf = (target: ITarget): string =>
  (target.label ?? target.name).slice(0, 100);

/** Delete, and offer to undo it for a while. */
export async function remove(
  services: IStudioServices,
  target: ITarget,
  undoMs: number
): Promise<void> {
  const { trans } = services;
  // An experiment goes with its trials; all of it comes back with Undo.
  const force = target.kind === 'component' ? '' : '?force=1';
  const url = pathOf(target) + force;
  const done = await attempt(services, trans.__('Delete failed'), async () => {
    await send(services, 'DELETE', url);
  });
  if (!done) {
    return;
  }
  offerUndo(
    services,
    trans.__('“%1” was deleted.', labelOf(target)),
    undoMs,
    async () => {
      await send(services, 'POST', pathOf(target, '/restore'));
    }
  );
}

/** The notebook in front, or a new one. */
async function notebook(
  commands: CommandRegistry,
  tracker: INotebookTracker
): Promise<NotebookPanel | null> {
  if (tracker.currentWidget) {
    return tracker.currentWidget;
  }
  const made: unknown = await commands.execute('notebook:create-new');
  return (made as NotebookPanel | undefined) ?? tracker.currentWidget;
}

/** Put code into a new cell below the active one; nothing is run. */
export async function insertCode(
  services: IStudioServices,
  tracker: INotebookTracker,
  code: string
): Promise<void> {
  const panel = await notebook(services.commands, tracker);
  if (panel === null) {
    return;
  }
  await panel.context.ready;
  await panel.revealed;
  const { NotebookActions } = await import('@jupyterlab/notebook');
  const active = panel.content.activeCell;
  if (active?.model.type !== 'code' || active.model.sharedModel.source !== '') {
    NotebookActions.insertBelow(panel.content);
  }
  panel.content.activeCell?.model.sharedModel.setSource(code);
  panel.activate();
}
