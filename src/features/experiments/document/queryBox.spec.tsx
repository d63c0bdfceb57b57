import '../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../../api/errors';
import { StudioProvider } from '../../../components/common/context';
import type { IStudioServices } from '../../../components/common/view';
import { QueryBox } from './queryBox';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root | null = null;
const sent: string[] = [];
const asked: { text: string; caret: number }[] = [];

function render(error: StudioError | null = null, where = ''): void {
  const api = {
    client: {
      POST: async (
        _: string,
        { body }: { body: { text: string; caret: number } }
      ) => {
        asked.push(body);
        const option = (text: string) => ({
          text,
          label: text,
          kind: 'field',
          detail: '<b>number</b>'
        });
        const options = [option('metrics.loss'), option('metrics.lr')];
        return { data: { start: 0, end: body.caret, options } };
      }
    }
  };
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api,
    live: null,
    themes: null
  } as unknown as IStudioServices;
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  React.act(() =>
    root?.render(
      <StudioProvider services={services}>
        <QueryBox
          experiment="mnist"
          where={where}
          error={error}
          onWhere={text => sent.push(text)}
        />
      </StudioProvider>
    )
  );
}

const box = (): HTMLInputElement =>
  document.querySelector('[role=combobox]') as HTMLInputElement;
const options = (): HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>('[role=option]')
];

async function type(text: string): Promise<void> {
  const value = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  );
  await React.act(async () => {
    value?.set?.call(box(), text);
    box().setSelectionRange(text.length, text.length);
    box().dispatchEvent(new Event('input', { bubbles: true }));
    await vi.advanceTimersByTimeAsync(200);
  });
}

async function press(key: string): Promise<void> {
  await React.act(async () => {
    const event = { key, bubbles: true, cancelable: true };
    box().dispatchEvent(new KeyboardEvent('keydown', event));
    await vi.advanceTimersByTimeAsync(200);
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  window.localStorage.clear();
  Element.prototype.scrollIntoView = () => undefined;
  sent.length = 0;
  asked.length = 0;
});

afterEach(() => {
  React.act(() => root?.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe('the query box', () => {
  it('offers ways to go on, takes one by keyboard, and sends on Enter', async () => {
    render();
    await type('met');
    expect(box().getAttribute('aria-expanded')).toBe('true');
    expect(options().map(o => o.textContent)).toEqual([
      'metrics.loss<b>number</b>',
      'metrics.lr<b>number</b>'
    ]);
    expect(document.querySelector('b')).toBeNull();
    await press('ArrowDown');
    await press('ArrowDown');
    expect(box().getAttribute('aria-activedescendant')).toBe(options()[1].id);
    expect(options()[1].getAttribute('aria-selected')).toBe('true');
    await press('Enter');
    expect(box().value).toBe('metrics.lr ');
    expect(sent).toEqual([]);
    await press('Escape');
    expect(options()).toEqual([]);
    await press('Enter');
    expect(sent).toEqual(['metrics.lr']);
  });

  it('asks once for a fast typist', async () => {
    render();
    await React.act(async () => {
      const value = Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      );
      for (const text of ['m', 'me', 'met']) {
        value?.set?.call(box(), text);
        box().dispatchEvent(new Event('input', { bubbles: true }));
        await vi.advanceTimersByTimeAsync(20);
      }
      await vi.advanceTimersByTimeAsync(200);
    });
    expect(asked.map(a => a.text)).toEqual(['met']);
  });

  it('keeps what is typed on Escape, and shows queries sent before when it is empty', async () => {
    render();
    await type('status = "Failed"');
    await press('Escape');
    await press('Escape');
    expect(box().value).toBe('status = "Failed"');
    await press('Enter');
    await type('');
    await press('ArrowDown');
    expect(options()[0].textContent).toContain('status = "Failed"');
  });

  it('stands in for an error with a caret under its place and the hint', () => {
    const error = new StudioError(
      'bad_query',
      'unknown field stats at 1:1',
      400,
      'where',
      'Did you mean status?'
    );
    render(error, 'stats = 3');
    const alert = document.querySelector('[role=alert]');
    expect(alert?.textContent).toContain('Did you mean status?');
    expect(alert?.querySelector('pre')?.textContent).toBe('stats = 3\n^');
    expect(box().getAttribute('aria-invalid')).toBe('true');
  });
});
