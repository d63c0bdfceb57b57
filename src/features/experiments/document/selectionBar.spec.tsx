import '../../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import { LocalRows, Selection } from '../../../components/table';
import type { IConflict, IEdit, Records } from './edits';
import { SelectionBar } from './selectionBar';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const services = {
  trans: nullTranslator.load('mlstudio'),
  live: null
} as unknown as IStudioServices;

function open(records: object) {
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  let selection = Selection.of(['a', 'b']);
  const select = (next: Selection): void => {
    selection = next;
    React.act(() =>
      root.render(
        <StudioProvider services={services}>
          <SelectionBar
            experiment="e"
            rows={new LocalRows()}
            columns={[]}
            selection={next}
            state="active"
            records={records as Records}
            onSelection={select}
            onMoved={() => undefined}
          />
        </StudioProvider>
      )
    );
  };
  select(selection);
  const click = (text: string): Promise<void> =>
    React.act(async () =>
      [...document.querySelectorAll('button')]
        .find(one => one.textContent?.startsWith(text))
        ?.click()
    );
  return { root, select, click, names: () => [...selection.names] };
}

afterEach(() => vi.restoreAllMocks());

it('leaves what was selected while the rows were archived, and when that is undone', async () => {
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  const ends: (() => void)[] = [];
  const archive = vi.fn(() => new Promise<void>(end => ends.push(end)));
  const { root, select, click, names } = open({ archive });
  await click('Archive');
  select(Selection.of(['b', 'c']));
  await React.act(async () => ends.forEach(end => end()));
  expect(names()).toEqual(['c']);
  select(Selection.of(['c', 'd']));
  archive.mockResolvedValue();
  await React.act(async () => {
    info.mock.calls[0][1]?.actions?.[0].callback(new MouseEvent('click'));
  });
  expect(archive).toHaveBeenCalledTimes(4);
  expect(names()).toEqual(['c', 'd']);
  React.act(() => root.unmount());
});

it('does not undo a tag over what somebody else wrote since', async () => {
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  const error = vi.spyOn(Notification, 'error').mockReturnValue('');
  const theirs = { theirs: 'later', record: {} } as unknown as IConflict;
  const save = vi.fn(async (edit: IEdit) =>
    edit.name === 'a' ? theirs : null
  );
  const tag = vi.fn(async () => 'before');
  const { root, click } = open({ tag, save });
  await click('Tag');
  const form = document.querySelector('form') as HTMLFormElement;
  await React.act(async () => {
    const [name, value] = form.querySelectorAll('input');
    for (const [input, text] of [
      [name, 'team'],
      [value, 'vision']
    ] as const) {
      Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      )?.set?.call(input, text);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  await React.act(async () => {
    form.dispatchEvent(
      new Event('submit', { bubbles: true, cancelable: true })
    );
  });
  expect(tag).toHaveBeenCalledTimes(2);
  await React.act(async () => {
    info.mock.calls[0][1]?.actions?.[0].callback(new MouseEvent('click'));
  });
  expect(save.mock.calls.map(([edit]) => edit)).toEqual(
    ['a', 'b'].map(name => ({
      name,
      key: 'tags.team',
      base: 'vision',
      next: 'before'
    }))
  );
  expect(error.mock.calls[0][0]).toMatch(/^1 row could not be changed/);
  React.act(() => root.unmount());
});
