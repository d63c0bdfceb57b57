/** Saving, renaming and deleting views of an experiment, with what others did meanwhile asked about. */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { JSONObject } from '@lumino/coreutils';

import { bannerOf } from '../../../api/errors';
import { useStudio } from '../../../components/common';
import { offerUndo, UNDO_MS } from '../undo';
import type { SetView } from './documentView';
import {
  afterSave,
  afterUndo,
  asSeen,
  isDefault,
  specOf,
  viewOf,
  type ISavedViews,
  type SavedView
} from './savedViews';
import type { IDocumentView } from './viewState';

/** What the menu of views does. */
export interface IViewActions {
  create(name: string): Promise<void>;
  update(view: SavedView): Promise<void>;
  rename(view: SavedView, name: string): Promise<void>;
  makeFirst(view: SavedView | null): Promise<void>;
  remove(view: SavedView): Promise<void>;
}

/** Save, rename, delete: what somebody else saved since is asked about first. */
export function useViewActions(props: {
  readonly saved: ISavedViews;
  readonly view: IDocumentView;
  onView: SetView;
}): IViewActions {
  const { saved, view, onView } = props;
  const { trans } = useStudio();
  const { store } = saved;
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      await saved.reload();
    } catch (error) {
      const { text, hint } = bannerOf(error, trans);
      Notification.error(`${text} ${hint}`.trim(), { autoClose: UNDO_MS });
    }
  };
  const create = (name: string): Promise<void> =>
    attempt(async () => {
      const made = await store.create(name, specOf(view));
      onView(now => ({ ...now, saved: made.uid, savedVersion: made.version }));
    });
  const write = async (
    seen: SavedView,
    change: { name?: string; spec?: JSONObject }
  ): Promise<boolean> => {
    const made = await store.update(seen, change);
    if (made !== null) {
      onView(now => afterSave(seen, made, now));
    }
    return made !== null;
  };
  const refused = (): void => {
    Notification.warning(
      trans.__('Somebody else changed the view at that moment; try once more.'),
      { autoClose: UNDO_MS }
    );
  };
  const update = async (listed: SavedView): Promise<void> => {
    const seen = asSeen(listed, view);
    const spec: JSONObject = isDefault(seen)
      ? { ...specOf(view), default: true }
      : specOf(view);
    await attempt(async () => {
      if (await write(seen, { spec })) {
        return;
      }
      const theirs = (await saved.reload()).find(one => one.uid === seen.uid);
      if (theirs === undefined) {
        await create(seen.name);
        return;
      }
      const choice = await askWhose({
        title: trans.__('The View Was Changed'),
        body: trans.__(
          '%1 changed “%2” after you opened it. Save yours over it, or take theirs?',
          theirs.modified_by.slice(0, 80),
          theirs.name.slice(0, 80)
        ),
        theirs: trans.__('Take theirs'),
        mine: trans.__('Save mine')
      });
      if (choice === 'mine') {
        // Saved once more meanwhile: asked again, about that version.
        onView(now => ({ ...now, savedVersion: theirs.version }));
        if (!(await write(theirs, { spec }))) {
          Notification.warning(
            trans.__(
              'The view was saved by somebody else again; save once more.'
            )
          );
        }
      } else if (choice === 'theirs') {
        onView(now => viewOf(theirs, now));
      }
    });
  };
  return {
    create,
    update,
    rename: (seen, name) =>
      attempt(async () => {
        const now = (await saved.reload()).find(one => one.uid === seen.uid);
        if (!(await write(now ?? seen, { name }))) {
          refused();
        }
      }),
    makeFirst: next =>
      attempt(async () => {
        for (const one of await saved.reload()) {
          const wanted = one.uid === next?.uid;
          if (isDefault(one) !== wanted) {
            const spec: JSONObject = { ...(one.spec as JSONObject) };
            spec.default = wanted;
            if (!(await write(one, { spec }))) {
              refused();
            }
          }
        }
      }),
    remove: gone =>
      attempt(async () => {
        await store.remove(gone);
        offerUndo(
          trans.__('The view “%1” was deleted.', gone.name.slice(0, 80)),
          trans,
          () =>
            void attempt(async () => {
              const made = await store.create(gone.name, gone.spec);
              onView(now => afterUndo(gone, made, now));
            })
        );
      })
  };
}

/** Mine, theirs, or neither. */
async function askWhose(words: {
  title: string;
  body: string;
  theirs: string;
  mine: string;
}): Promise<'mine' | 'theirs' | null> {
  const { title, body, theirs, mine } = words;
  const answer = await showDialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: theirs, actions: ['theirs'] }),
      Dialog.warnButton({ label: mine, actions: ['mine'] })
    ]
  });
  const [choice] = answer.button.actions;
  return choice === 'mine' || choice === 'theirs' ? choice : null;
}
