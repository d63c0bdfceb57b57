import '../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';

import { Picker, PickerBody } from './picker';
import type { IChoice } from './picker';
import type { InstancesReply } from './sizes';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const trans = nullTranslator.load('mlstudio');
const reply: InstancesReply = {
  types: [
    {
      name: 'ml.m5.large',
      vcpu: 2,
      memory_gib: 8,
      gpu: 0,
      gpu_memory_gib: 0,
      own: false
    },
    {
      name: 'ml.g4dn.xlarge',
      vcpu: 4,
      memory_gib: 16,
      gpu: 1,
      gpu_memory_gib: 16,
      own: false
    }
  ],
  host: { host: 'h', cpus: [0, 1], memory_mib: 16384, gpus: [] },
  leases: []
};
let root: Root | null = null;
let host: HTMLElement;
let choice: IChoice | null = null;

function show(unsaved: boolean, data = reply, current = 'local'): void {
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  const keep = (made: IChoice): void => {
    choice = made;
  };
  React.act(() =>
    root?.render(
      <Picker
        reply={data}
        kernelId="k"
        current={current}
        unsaved={unsaved}
        trans={trans}
        onChoice={keep}
      />
    )
  );
}

const names = (): string[] =>
  [...host.querySelectorAll('tbody th')].map(one => one.textContent ?? '');
const radio = (name: string): HTMLInputElement =>
  host.querySelector(`input[value="${name}"]`) as HTMLInputElement;
const click = (node: Element | null): void =>
  React.act(() => (node as HTMLElement).click());

afterEach(() => {
  React.act(() => root?.unmount());
  host.remove();
  root = null;
  choice = null;
});

describe('Picker', () => {
  it('shows what fits, and all when asked', () => {
    show(false);
    expect(names()).toEqual(['local', 'ml.local.cpu1', 'ml.m5.large']);
    click(host.querySelector('input[type=checkbox]'));
    expect(names()).toContain('ml.g4dn.xlarge');
    expect(radio('ml.g4dn.xlarge').disabled).toBe(true);
    expect(host.textContent).toContain('No GPU on this host');
  });

  it('tells what is lost, and offers to save what is not saved', () => {
    show(true);
    expect(host.textContent).toContain('all its variables are lost');
    expect(choice).toEqual({ name: 'local', save: true });
    click(host.querySelector('.jp-Mlstudio-picker-save input'));
    expect(choice).toEqual({ name: 'local', save: false });
  });

  it('offers nothing to save where all is saved', () => {
    show(false);
    expect(host.querySelector('.jp-Mlstudio-picker-save')).toBeNull();
    expect(choice?.save).toBe(false);
  });

  it('takes the choice from the radio and from the row', () => {
    show(false);
    click(radio('ml.m5.large'));
    expect(choice?.name).toBe('ml.m5.large');
    click(radio('ml.local.cpu1').closest('tr'));
    expect(choice?.name).toBe('ml.local.cpu1');
    expect(radio('ml.local.cpu1').checked).toBe(true);
  });

  it('sorts by a column, and back', () => {
    show(false);
    const head = (): Element => host.querySelectorAll('thead th')[2]!;
    click(head().querySelector('button'));
    expect(head().getAttribute('aria-sort')).toBe('ascending');
    expect(names()).toEqual(['ml.local.cpu1', 'ml.m5.large', 'local']);
    click(head().querySelector('button'));
    expect(head().getAttribute('aria-sort')).toBe('descending');
    expect(names()[0]).toBe('local');
  });

  it('says who holds the host', () => {
    const lease = {
      resource: 'h/cpu/0',
      holder: 'job',
      kind: 'job' as const,
      amount: 1,
      acquired_at: 0,
      expires_at: 0
    };
    show(false, { ...reply, leases: [lease] });
    expect(host.textContent).toContain('This host: 2 vCPU + 16 GiB.');
    expect(host.textContent).toContain('Jobs hold 1 vCPU.');
  });

  it('keeps a size that the catalogue does not know out of the rows', () => {
    show(false, reply, 'someone-elses');
    expect(names()).not.toContain('someone-elses');
    expect(choice?.name).toBe('someone-elses');
  });

  it('is a dialog’s body with a value', () => {
    show(false);
    const body = new PickerBody({
      reply,
      kernelId: 'k',
      current: 'local',
      unsaved: true,
      trans
    });
    expect(body.getValue()).toEqual({ name: 'local', save: true });
    body.dispose();
  });
});
