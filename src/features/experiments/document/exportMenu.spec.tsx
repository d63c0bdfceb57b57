import '../../../components/common/dom.fixture';

import { InputDialog, type Dialog } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import { LocalRows, Selection } from '../../../components/table';
import { ExportMenu } from './exportMenu';
import { DEFAULT_VIEW } from './viewState';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

it('exports to an MLflow folder that is named, and to none that is not', async () => {
  const execute = vi.fn(async () => undefined);
  const ask = vi.spyOn(InputDialog, 'getText');
  const say = (accept: boolean, value: string | null): void => {
    const answer = { button: { accept }, value };
    ask.mockResolvedValue(answer as unknown as Dialog.IResult<string>);
  };
  const services = {
    trans: nullTranslator.load('mlstudio'),
    commands: { execute },
    live: null
  } as unknown as IStudioServices;
  const rows = new LocalRows();
  rows.patch('a', {});
  rows.flush();
  const root = createRoot(
    document.body.appendChild(document.createElement('div'))
  );
  React.act(() =>
    root.render(
      <StudioProvider services={services}>
        <ExportMenu
          experiment="e"
          view={DEFAULT_VIEW}
          columns={[]}
          rows={rows}
          selection={Selection.of(['a'])}
          brushed={false}
        />
      </StudioProvider>
    )
  );
  const press = (text: string): Promise<void> =>
    React.act(async () =>
      [...document.querySelectorAll('button')]
        .find(one => one.textContent?.includes(text))
        ?.click()
    );
  for (const [accept, value] of [
    [false, '/tmp/mlruns'],
    [true, ' '],
    [true, null]
  ] as const) {
    say(accept, value);
    await press('Export');
    await press('MLflow');
  }
  expect(ask).toHaveBeenCalledTimes(3);
  expect(execute).not.toHaveBeenCalled();
  say(true, ' /tmp/mlruns ');
  await press('Export');
  await press('MLflow');
  expect(execute).toHaveBeenCalledWith('mlstudio:export-rows', {
    request: expect.objectContaining({
      format: 'mlflow',
      destination: '/tmp/mlruns',
      components: ['a']
    })
  });
  React.act(() => root.unmount());
});
