import '../../../components/common/dom.fixture';

import { describe, expect, it } from 'vitest';

import { asksForKeys } from './keyHelp';

function press(
  tag: string,
  key: string,
  more: KeyboardEventInit = {}
): boolean {
  const node = document.body.appendChild(document.createElement(tag));
  let asked = false;
  node.addEventListener('keydown', event => {
    asked = asksForKeys(event);
  });
  node.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
  node.remove();
  return asked;
}

describe('the key for help', () => {
  it('is a question mark, but not one that is typed into a text', () => {
    expect(press('div', '?')).toBe(true);
    expect(press('button', '?')).toBe(true);
    expect(press('input', '?')).toBe(false);
    expect(press('textarea', '?')).toBe(false);
    expect(press('div', '/')).toBe(false);
    expect(press('div', '?', { ctrlKey: true })).toBe(false);
  });
});
