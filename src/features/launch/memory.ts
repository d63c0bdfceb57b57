/** What was chosen last in this browser. */
import { readRemembered } from './form';
import type { Remembered } from './form';

const KEY = 'mlstudio:launch';

/** What was chosen last; nothing where the browser keeps nothing. */
export function recall(): Partial<Remembered> {
  try {
    return readRemembered(window.localStorage.getItem(KEY));
  } catch {
    return {};
  }
}

/** Keep what was chosen. */
export function remember(choices: Remembered): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing: the next form begins with the defaults.
  }
}
