/**
 * What was done, with a way back for a while.
 *
 * Toasts stand above each other, the newest in the corner. More of them than `MOST` would cover
 * what they are about: then the oldest closes before its time.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** A toast's way back is open for so long. */
export const UNDO_MS = 10_000;
/** Toasts with a way back that are seen at once. */
export const MOST = 4;

interface IOffer {
  readonly id: string;
  readonly until: number;
}

let offers: readonly IOffer[] = [];

/** Say what was done; `undo` stands beside it for `forMs`. */
export function offerUndo(
  said: string,
  trans: TranslationBundle,
  undo: () => void,
  forMs = UNDO_MS
): void {
  const now = Date.now();
  const options = {
    autoClose: forMs,
    actions: [{ label: trans.__('Undo'), callback: undo }]
  };
  const id = Notification.info(said, options);
  offers = [
    ...offers.filter(one => one.until > now),
    { id, until: now + forMs }
  ];
  const old = offers.slice(0, Math.max(0, offers.length - MOST));
  offers = offers.slice(-MOST);
  for (const one of old) {
    Notification.dismiss(one.id);
  }
}
