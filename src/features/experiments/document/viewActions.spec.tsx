import '../../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import type { ISavedViews, SavedView } from './savedViews';
import { useViewActions, type IViewActions } from './viewActions';
import { DEFAULT_VIEW } from './viewState';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const seen = { uid: 'v', name: 'mine', version: 1, spec: {} } as SavedView;

/** The actions over a store in which somebody else is always first, or never. */
function actions(conflict: boolean): IViewActions {
  const made = { ...seen, version: 2 };
  const saved = {
    store: { update: async () => (conflict ? null : made) },
    views: [seen],
    ready: true,
    reload: async () => [seen]
  } as unknown as ISavedViews;
  const held: IViewActions[] = [];
  function Host(): null {
    const onView = (): void => undefined;
    held.push(useViewActions({ saved, view: DEFAULT_VIEW, onView }));
    return null;
  }
  const services = {
    trans: nullTranslator.load('mlstudio'),
    live: null
  } as unknown as IStudioServices;
  const root = createRoot(document.createElement('div'));
  React.act(() =>
    root.render(
      <StudioProvider services={services}>
        <Host />
      </StudioProvider>
    )
  );
  return held[0];
}

afterEach(() => vi.restoreAllMocks());

it.each([true, false])(
  'says that a rename or "make first" was refused (somebody was first: %s)',
  async conflict => {
    const warning = vi.spyOn(Notification, 'warning').mockReturnValue('');
    const act = actions(conflict);
    await act.rename(seen, 'other');
    expect(warning).toHaveBeenCalledTimes(conflict ? 1 : 0);
    await act.makeFirst(seen);
    expect(warning).toHaveBeenCalledTimes(conflict ? 2 : 0);
  }
);
