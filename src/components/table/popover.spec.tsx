import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Popover } from './popover';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const LABEL = 'Settings';
let root: Root | null = null;

beforeEach(() => {
  const host = document.body.appendChild(document.createElement('div'));
  const anchor = document.body.appendChild(document.createElement('button'));
  root = createRoot(host);
  React.act(() =>
    root?.render(
      <Popover
        anchor={anchor}
        role="dialog"
        label={LABEL}
        onClose={() => undefined}
      >
        <select id="one">
          <option value="a" />
          <option value="b" />
        </select>
        <input id="two" type="range" />
        <input id="three" type="checkbox" />
        <button id="four" />
      </Popover>
    )
  );
});
afterEach(() => {
  React.act(() => root?.unmount());
  root = null;
  document.body.replaceChildren();
});

/** Press an arrow on a control; whether it was left to the control. */
function arrow(id: string): boolean {
  const node = document.getElementById(id) as HTMLElement;
  node.focus();
  const event = new KeyboardEvent('keydown', {
    key: 'ArrowDown',
    bubbles: true,
    cancelable: true
  });
  React.act(() => {
    node.dispatchEvent(event);
  });
  return !event.defaultPrevented;
}

const focused = (): string | undefined => document.activeElement?.id;

describe('a popover', () => {
  it('begins at its first control, whatever that is', () => {
    expect(focused()).toBe('one');
  });

  it('leaves arrows to lists and sliders, which they change', () => {
    expect([arrow('one'), focused()]).toEqual([true, 'one']);
    expect([arrow('two'), focused()]).toEqual([true, 'two']);
  });

  it('moves with arrows between the others', () => {
    expect([arrow('three'), focused()]).toEqual([false, 'four']);
    expect([arrow('four'), focused()]).toEqual([false, 'one']);
  });
});
