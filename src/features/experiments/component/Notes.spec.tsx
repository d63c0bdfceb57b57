import '../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import type { IStudioServices } from '../../../components/common';
import { StudioProvider } from '../../../components/common/context';
import { Notes } from './Notes';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

/** A server with one component. */
class Server {
  constructor(public record: ComponentRecord) {}

  /** The answer to the next write is lost on the way. */
  loses = false;

  readonly client = {
    GET: async () => ({ data: this.record }),
    PATCH: async (
      _: string,
      { body }: { body: { description: string | null; version: number } }
    ) => {
      if (body.version !== this.record.version) {
        throw new StudioError('version_conflict', 'changed', 409);
      }
      const { description } = body;
      const version = body.version + 1;
      this.record = { ...this.record, description, version };
      if (this.loses) {
        this.loses = false;
        throw new StudioError('network', 'gone');
      }
      return { data: this.record };
    }
  };
}

let root: Root | null = null;

function open(server: Server, component = server.record): void {
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client: server.client },
    live: null
  } as unknown as IStudioServices;
  root = createRoot(document.body.appendChild(document.createElement('div')));
  React.act(() =>
    root?.render(
      <StudioProvider services={services}>
        <Notes component={component} />
      </StudioProvider>
    )
  );
}

function close(): void {
  React.act(() => root?.unmount());
  root = null;
}

afterEach(close);

const area = (): HTMLTextAreaElement | null =>
  document.querySelector('textarea');

async function press(label: string): Promise<void> {
  const button = [...document.querySelectorAll('button')].find(
    one => one.textContent === label
  );
  await React.act(async () => {
    button?.click();
    await new Promise(resolve => setTimeout(resolve, 20));
  });
}

function write(text: string): void {
  const node = area() as HTMLTextAreaElement;
  node.value = text;
  React.act(() => {
    node.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

const record = (name: string): ComponentRecord =>
  ({
    name,
    description: 'old',
    version: 1,
    modified_by: 'ada',
    modified_at: 0
  }) as ComponentRecord;

describe('a note that is being written', () => {
  it('is still there after a look into another tab, and gone once saved', async () => {
    const server = new Server(record('one'));
    open(server);
    await press('Edit');
    write('half a sentence');
    close();
    open(server);
    expect(area()?.value).toBe('half a sentence');
    await press('Save');
    expect(server.record.description).toBe('half a sentence');
    expect(area()).toBeNull();
    close();
    open(server);
    expect(area()).toBeNull();
  });

  it('is gone when the writer leaves it, and when nothing was written', async () => {
    const server = new Server(record('two'));
    open(server);
    await press('Edit');
    write('no');
    await press('Cancel');
    await press('Edit');
    expect(area()?.value).toBe('old');
    close();
    open(server);
    expect(area()).toBeNull();
  });

  it('knows what stood there when it was begun', async () => {
    const server = new Server(record('three'));
    open(server);
    await press('Edit');
    write('mine');
    close();
    server.record = { ...server.record, description: 'theirs', version: 5 };
    open(server);
    await press('Save');
    expect(server.record.description).toBe('theirs');
    expect(document.querySelector('[role=alert]')?.textContent).toContain(
      'theirs'
    );
    await press('Keep theirs');
  });

  it('is no conflict with itself when the answer to its save was lost', async () => {
    const server = new Server(record('four'));
    open(server);
    await press('Edit');
    write('written once');
    server.loses = true;
    await press('Save');
    expect(area()?.value).toBe('written once');
    await press('Save');
    expect(area()).toBeNull();
    expect(server.record.description).toBe('written once');
  });
});
