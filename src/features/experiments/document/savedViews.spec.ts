import '../../../components/common/dom.fixture';

import { describe, expect, it } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { IStudioApi } from '../../../tokens';
import {
  afterSave,
  afterUndo,
  asSeen,
  isChanged,
  isDefault,
  isUntouched,
  namedKeys,
  specOf,
  ViewStore,
  viewOf,
  withoutColumns,
  type SavedView
} from './savedViews';
import { DEFAULT_VIEW, type IDocumentView } from './viewState';

const view: IDocumentView = {
  ...DEFAULT_VIEW,
  where: 'params.lr > 0.1',
  sort: [{ key: 'metrics.loss.last', desc: false }],
  group: { by: ['tags.team'], open: { all: true, except: ['x'] } },
  selected: ['a', 'b']
};
const saved = (from: IDocumentView, more: object = {}): SavedView =>
  ({
    uid: 'u1',
    name: 'mine',
    owner: 'me',
    version: 3,
    spec: { ...specOf(from), ...more }
  }) as unknown as SavedView;

describe('a saved view', () => {
  it('holds the query, the order and the groups, not what belongs to the moment', () => {
    const now = { ...DEFAULT_VIEW, selected: ['mine'] };
    const taken = viewOf(saved(view), now);
    expect(taken.where).toBe(view.where);
    expect(taken.sort).toEqual(view.sort);
    expect(taken.group.by).toEqual(['tags.team']);
    expect(taken.group.open.except).toEqual([]);
    expect(taken.selected).toEqual(['mine']);
    expect(taken.saved).toBe('u1');
  });

  it('that is the first does not replace what somebody did before it came', () => {
    expect(isUntouched(DEFAULT_VIEW)).toBe(true);
    expect(isUntouched({ ...DEFAULT_VIEW, selected: ['a'] })).toBe(true);
    expect(isUntouched({ ...DEFAULT_VIEW, quick: 'c' })).toBe(false);
    expect(isUntouched({ ...DEFAULT_VIEW, saved: 'u1' })).toBe(false);
  });

  it('is the one of the document again when its deletion was undone', () => {
    const gone = saved(view);
    const made = { ...gone, uid: 'u2', version: 1 };
    const now = viewOf(gone, DEFAULT_VIEW);
    expect(afterUndo(gone, made, now)).toMatchObject({
      saved: 'u2',
      savedVersion: 1
    });
    const other = { ...now, saved: 'u9' };
    expect(afterUndo(gone, made, other)).toBe(other);
  });

  it('keeps a query as long as the box takes', () => {
    const where = `note contains "${'x'.repeat(7000)}"`;
    const long = { ...DEFAULT_VIEW, where };
    expect(viewOf(saved(long), DEFAULT_VIEW).where).toBe(where);
    expect(isChanged(saved(long), long)).toBe(false);
  });

  it('is changed by a sort, not by a selection or an opened group', () => {
    const one = saved(view);
    const taken = viewOf(one, DEFAULT_VIEW);
    const open = { all: true, except: ['other'] };
    expect(isChanged(one, { ...taken, selected: ['z'] })).toBe(false);
    expect(
      isChanged(one, { ...taken, group: { by: ['tags.team'], open } })
    ).toBe(false);
    expect(isChanged(one, { ...taken, sort: [] })).toBe(true);
  });

  it('may be what the experiment opens with, and is not changed by that', () => {
    const first = saved(view, { default: true });
    expect(isDefault(first)).toBe(true);
    expect(isDefault(saved(view))).toBe(false);
    expect(isChanged(first, viewOf(first, DEFAULT_VIEW))).toBe(false);
  });

  it('is written over as the version it was taken from, though the list is newer', () => {
    const taken = viewOf(saved(view), DEFAULT_VIEW);
    const newer = { ...saved(DEFAULT_VIEW), version: 7 };
    expect(asSeen(newer, taken).version).toBe(3);
    expect(asSeen(newer, DEFAULT_VIEW).version).toBe(7);
    expect(asSeen({ ...newer, uid: 'u2' }, taken).version).toBe(7);
  });

  it('is known in the version that oneself saved, not in what came between', () => {
    const taken = viewOf(saved(view), DEFAULT_VIEW);
    const made = { ...saved(view), version: 4 };
    expect(afterSave(saved(view), made, taken).savedVersion).toBe(4);
    // Renamed here after somebody else had saved version 7: their columns are still unseen.
    const theirs = { ...saved(view), version: 7 };
    const renamed = { ...theirs, version: 8 };
    expect(afterSave(theirs, renamed, taken).savedVersion).toBe(3);
    expect(afterSave(theirs, { ...renamed, uid: 'u2' }, taken)).toBe(taken);
  });

  it('of any form is read without an exception', () => {
    const odd = { ...saved(view), spec: { v: 99, where: 3 } };
    expect(viewOf(odd as unknown as SavedView, DEFAULT_VIEW).where).toBe('');
  });

  it('is taken without columns that are gone', () => {
    const named: IDocumentView = {
      ...view,
      layout: { ...view.layout, shown: ['params.gone', 'params.lr'] }
    };
    expect(namedKeys(named)).toContain('params.gone');
    const left = withoutColumns(
      named,
      new Set(['params.gone', 'tags.team', 'metrics.loss.last'])
    );
    expect(left.layout.shown).toEqual(['params.lr']);
    expect(left.sort).toEqual([]);
    expect(left.group.by).toEqual([]);
  });
});

describe('views on the server', () => {
  const store = (answer: () => unknown): ViewStore =>
    new ViewStore(
      { client: { PATCH: async () => answer() } } as unknown as IStudioApi,
      'mnist'
    );

  it('tell when somebody else changed one', async () => {
    const conflict = store(() => {
      throw new StudioError('version_conflict', 'changed', 409);
    });
    expect(await conflict.update(saved(view), { name: 'x' })).toBeNull();
  });

  it('hand on every other failure', async () => {
    const broken = store(() => {
      throw new StudioError('forbidden', 'no', 403);
    });
    await expect(broken.update(saved(view), { name: 'x' })).rejects.toThrow(
      'no'
    );
  });
});
