import '../../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';

import type { ComponentRecord } from '../../../api/types';
import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import { CellEditor } from './cellEditor';
import type { Records } from './edits';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

it('saves once when Enter is followed by a click elsewhere', async () => {
  vi.spyOn(Notification, 'info').mockReturnValue('');
  const ends: (() => void)[] = [];
  const save = vi.fn(
    () => new Promise<null>(resolve => ends.push(() => resolve(null)))
  );
  const record = { name: 'a', display_name: 'old' } as ComponentRecord;
  const records = {
    read: async () => record,
    save
  } as unknown as Records;
  const services = {
    trans: nullTranslator.load('mlstudio'),
    live: null
  } as unknown as IStudioServices;
  const anchor = document.body.appendChild(document.createElement('div'));
  const root = createRoot(
    document.body.appendChild(document.createElement('div'))
  );
  const closed = vi.fn();
  await React.act(async () =>
    root.render(
      <StudioProvider services={services}>
        <CellEditor
          cell={{ name: 'a', key: 'display_name', anchor }}
          records={records}
          onClose={closed}
        />
      </StudioProvider>
    )
  );
  const input = document.querySelector(
    '.jp-Mlstudio-popover input'
  ) as HTMLInputElement;
  const value = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  );
  await React.act(async () => {
    value?.set?.call(input, 'new');
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await React.act(async () => {
    const enter = { key: 'Enter', bubbles: true, cancelable: true };
    input.dispatchEvent(new KeyboardEvent('keydown', enter));
  });
  await React.act(async () => {
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  });
  expect(save).toHaveBeenCalledTimes(1);
  await React.act(async () => ends.forEach(end => end()));
  expect(closed).toHaveBeenCalledTimes(1);
  React.act(() => root.unmount());
});

it('keeps what could not be saved for the next time', async () => {
  const warning = vi.spyOn(Notification, 'warning').mockReturnValue('');
  const record = { name: 'b', display_name: 'old' } as ComponentRecord;
  const save = vi.fn(async (): Promise<null> => {
    throw new Error('away');
  });
  const records = { read: async () => record, save } as unknown as Records;
  const services = {
    trans: nullTranslator.load('mlstudio'),
    live: null
  } as unknown as IStudioServices;
  const anchor = document.body.appendChild(document.createElement('div'));
  const closed = vi.fn();
  const open = async (): Promise<ReturnType<typeof createRoot>> => {
    const root = createRoot(
      document.body.appendChild(document.createElement('div'))
    );
    await React.act(async () =>
      root.render(
        <StudioProvider services={services}>
          <CellEditor
            cell={{ name: 'b', key: 'display_name', anchor }}
            records={records}
            onClose={closed}
          />
        </StudioProvider>
      )
    );
    return root;
  };
  const input = (): HTMLInputElement =>
    document.querySelector('.jp-Mlstudio-popover input') as HTMLInputElement;
  const outside = (): Promise<void> =>
    React.act(async () => {
      document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    });
  const first = await open();
  await React.act(async () => {
    Object.getOwnPropertyDescriptor(
      HTMLInputElement.prototype,
      'value'
    )?.set?.call(input(), 'new');
    input().dispatchEvent(new Event('input', { bubbles: true }));
  });
  await outside();
  expect(save).toHaveBeenCalledTimes(1);
  expect(closed).not.toHaveBeenCalled();
  await outside();
  expect(closed).toHaveBeenCalledTimes(1);
  expect(warning).toHaveBeenCalledTimes(1);
  React.act(() => first.unmount());

  const second = await open();
  expect(input().value).toBe('new');
  save.mockResolvedValue(null);
  vi.spyOn(Notification, 'info').mockReturnValue('');
  await outside();
  expect(save).toHaveBeenCalledTimes(2);
  React.act(() => second.unmount());

  const third = await open();
  expect(input().value).toBe('old');
  React.act(() => third.unmount());
});
