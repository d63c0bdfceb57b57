/** Archive, move, restore and purge: what can be undone says so, what cannot asks for the name. */
import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';

import { unwrap } from '../../api/client';
import type { IStudioServices } from '../../components/common';
import {
  attempt,
  chooseExperiment,
  labelOf,
  offerUndo,
  pathOf,
  send
} from './actions';
import type { ITarget } from './actions';

/** Put a record out of sight, or back into it. */
export async function archive(
  services: IStudioServices,
  target: ITarget,
  archived: boolean,
  undoMs: number
): Promise<void> {
  const { trans } = services;
  const patch = async (value: boolean): Promise<void> => {
    await send(services, 'PATCH', pathOf(target), { archived: value });
  };
  const failed = archived
    ? trans.__('Archiving failed')
    : trans.__('Taking it out of the archive failed');
  if (await attempt(services, failed, () => patch(archived))) {
    const said = archived
      ? trans.__('“%1” is in the archive now.', labelOf(target))
      : trans.__('“%1” is out of the archive.', labelOf(target));
    offerUndo(services, said, undoMs, () => patch(!archived));
  }
}

/** Move a trial; without an experiment, ask to which one. */
export async function moveTrial(
  services: IStudioServices,
  target: ITarget,
  experiment: string | null,
  undoMs: number
): Promise<void> {
  const { api, trans } = services;
  const wanted =
    experiment ??
    (await chooseExperiment(
      services,
      trans.__('Move “%1” to Experiment', labelOf(target)),
      trans.__('Move')
    ));
  if (wanted === null) {
    return;
  }
  const move = async (name: string): Promise<void> => {
    await send(services, 'PATCH', pathOf(target), { experiment_name: name });
  };
  let home = '';
  const done = await attempt(services, trans.__('Move failed'), async () => {
    const path = { name: target.name };
    const record = unwrap(
      await api.client.GET('/trials/{name}', { params: { path } })
    );
    home = record.experiment_name;
    if (home !== wanted) {
      await move(wanted);
    }
  });
  if (done && home !== wanted) {
    const said = trans.__('“%1” is in “%2” now.', labelOf(target), wanted);
    offerUndo(services, said, undoMs, () => move(home));
  }
}

/** Take a record out of the deleted ones. */
export async function restore(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  const failed = services.trans.__('Restore failed');
  await attempt(services, failed, async () => {
    await send(services, 'POST', pathOf(target, '/restore'));
  });
}

/** Remove a deleted record and its files for good, once its name was typed. */
export async function purge(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  const { trans } = services;
  const title = trans.__('Delete for Good');
  const answer = await InputDialog.getText({
    title,
    label: trans.__(
      'Nothing brings it back, and its files are removed from the disk. Type the name to confirm: %1',
      target.name
    ),
    placeholder: target.name,
    okLabel: title
  });
  if (!answer.button.accept) {
    return;
  }
  if (answer.value?.trim() !== target.name) {
    await showDialog({
      title,
      body: trans.__('That is another name: nothing was removed.'),
      buttons: [Dialog.okButton()]
    });
    return;
  }
  await attempt(services, trans.__('Purge failed'), async () => {
    const body = { confirm: target.name };
    await send(services, 'POST', pathOf(target, '/purge'), body);
  });
}
