/**
 * Saved views of an experiment, the same in every browser.
 *
 * A view is the document's state without what belongs to the moment: the selection, opened groups.
 * Whoever writes over a view says which version they saw; somebody else's change is never lost
 * without asking.
 */
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import type { Schemas } from '../../../api/types';
import { useLive, useStudio, useThrottle } from '../../../components/common';
import type { IStudioApi } from '../../../tokens';
import {
  DEFAULT_VIEW,
  formatView,
  parseView,
  type IDocumentView
} from './viewState';

export type SavedView = Schemas['SavedView'];

/** Bytes of a saved view; the server takes 256 KB. */
const ROOM = 200_000;

/** What of a view is saved, in one spelling, so that two of them can be compared. */
export function specOf(view: IDocumentView): JSONObject {
  const {
    selected: _selected,
    saved: _saved,
    savedVersion: _version,
    ...rest
  } = formatView(view, ROOM);
  const group = { ...(rest.group as JSONObject), except: [] };
  return { ...rest, group };
}

/** A saved view as the document's view; what belongs to the moment stays as it is. */
export function viewOf(saved: SavedView, now: IDocumentView): IDocumentView {
  return {
    ...parseView(saved.spec),
    selected: now.selected,
    saved: saved.uid,
    savedVersion: saved.version
  };
}

/**
 * The saved view as the document knows it. The list beside it is renewed when anybody saves; a
 * change of the document is one of the version that it was taken from.
 */
export function asSeen(listed: SavedView, now: IDocumentView): SavedView {
  return now.saved === listed.uid && now.savedVersion !== null
    ? { ...listed, version: now.savedVersion }
    : listed;
}

/** The document after `made` was written over `seen`: what came between stays unseen. */
export function afterSave(
  seen: SavedView,
  made: SavedView,
  now: IDocumentView
): IDocumentView {
  return now.saved === made.uid && asSeen(seen, now).version === seen.version
    ? { ...now, savedVersion: made.version }
    : now;
}

/** The document after the deletion of `gone` was undone: the same view has another uid. */
export function afterUndo(
  gone: SavedView,
  made: SavedView,
  now: IDocumentView
): IDocumentView {
  return now.saved === gone.uid
    ? { ...now, saved: made.uid, savedVersion: made.version }
    : now;
}

/** Whether nobody did anything yet with a document that opened as it always does. */
export function isUntouched(now: IDocumentView): boolean {
  return (
    now.saved === null &&
    JSON.stringify(specOf(now)) === JSON.stringify(specOf(DEFAULT_VIEW))
  );
}

/** Whether the document differs from the view that it came from. */
export function isChanged(saved: SavedView, now: IDocumentView): boolean {
  const then = specOf(parseView(saved.spec));
  return JSON.stringify(then) !== JSON.stringify(specOf(now));
}

/** Whether a view is what the experiment opens with. */
export function isDefault(saved: SavedView): boolean {
  return (saved.spec as JSONObject).default === true;
}

/** Keys that a view names on purpose: shown, pinned, sorted or grouped by. */
export function namedKeys(view: IDocumentView): string[] {
  return [
    ...new Set([
      ...view.layout.shown,
      ...view.layout.pinned,
      ...view.sort.map(k => k.key),
      ...view.group.by
    ])
  ];
}

/** A view without columns that are gone. */
export function withoutColumns(
  view: IDocumentView,
  gone: ReadonlySet<string>
): IDocumentView {
  const here = (keys: readonly string[]): string[] =>
    keys.filter(key => !gone.has(key));
  const { layout, group } = view;
  return {
    ...view,
    layout: {
      ...layout,
      shown: here(layout.shown),
      pinned: here(layout.pinned),
      order: here(layout.order)
    },
    sort: view.sort.filter(k => !gone.has(k.key)),
    group: { ...group, by: here(group.by) }
  };
}

/** The views of one experiment on the server. */
export class ViewStore {
  constructor(
    private readonly api: IStudioApi,
    private readonly experiment: string
  ) {}

  async list(): Promise<SavedView[]> {
    const query = { experiment: this.experiment };
    const params = { query };
    return unwrap(await this.api.client.GET('/saved-views', { params })).items;
  }

  async create(name: string, spec: JSONObject): Promise<SavedView> {
    const { experiment } = this;
    const body = { experiment, name, spec: spec as Record<string, never> };
    return unwrap(await this.api.client.POST('/saved-views', { body }));
  }

  /** Change a view that is as we saw it; null when somebody else changed it since. */
  async update(
    seen: SavedView,
    change: { name?: string; spec?: JSONObject }
  ): Promise<SavedView | null> {
    const params = { path: { uid: seen.uid } };
    const body = {
      ...change,
      version: seen.version
    } as Schemas['SavedViewUpdate'];
    try {
      const answer = await this.api.client.PATCH('/saved-views/{uid}', {
        params,
        body
      });
      return unwrap(answer);
    } catch (error) {
      if (asStudioError(error).code === 'version_conflict') {
        return null;
      }
      throw error;
    }
  }

  async remove(view: SavedView): Promise<void> {
    const params = { path: { uid: view.uid } };
    await this.api.client.DELETE('/saved-views/{uid}', { params });
  }
}

export interface ISavedViews {
  readonly store: ViewStore;
  readonly views: readonly SavedView[];
  /** Whether the list was read at least once. */
  readonly ready: boolean;
  reload(): Promise<readonly SavedView[]>;
}

/** The views of an experiment, renewed when anybody changes one. */
export function useSavedViews(experiment: string): ISavedViews {
  const { api } = useStudio();
  const store = React.useMemo(
    () => new ViewStore(api, experiment),
    [api, experiment]
  );
  const [state, setState] = React.useState<{
    views: readonly SavedView[];
    ready: boolean;
  }>({ views: [], ready: false });
  const alive = React.useRef(true);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const reload = React.useCallback(async () => {
    const views = await store.list();
    if (alive.current) {
      setState({ views, ready: true });
    }
    return views;
  }, [store]);
  const quietly = React.useCallback(() => {
    // Views are an extra: without them the table works on.
    reload().catch(() => setState(now => ({ ...now, ready: true })));
  }, [reload]);
  React.useEffect(quietly, [quietly]);
  useLive([`views:${experiment}`], useThrottle(quietly, 300));
  return { store, ...state, reload };
}
