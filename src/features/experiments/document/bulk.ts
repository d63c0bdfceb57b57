/**
 * One thing done to many rows: a few at a time, with progress, a stop, and a way back.
 *
 * What fails is told once, with the first reason; what was done stays done and can be undone.
 */
import { Notification } from '@jupyterlab/apputils';

import { bannerOf } from '../../../api/errors';
import type { IStudioServices } from '../../../components/common';
import { offerUndo, UNDO_MS } from '../undo';

const AT_ONCE = 4;
/** Below so many the work is done before anybody could read of its progress. */
const MANY = 25;

export interface IBulk {
  /** "Archiving", for the progress. */
  readonly doing: string;
  /** "%1 archived", of those that it was done to. */
  done(count: number): string;
  work(name: string): Promise<void>;
  /** Take it back for one row; absent where nothing can. */
  undo?(name: string): Promise<void>;
  /** When all is over, done or undone. */
  settled?(): void;
}

export interface IOutcome {
  readonly done: readonly string[];
  readonly failed: number;
  readonly error: unknown;
}

/** Do `work` for every name, `AT_ONCE` at a time, until done or stopped. */
export async function each(
  names: readonly string[],
  work: (name: string) => Promise<void>,
  on: (count: number) => boolean = () => true
): Promise<IOutcome> {
  const done: string[] = [];
  let failed = 0;
  let first: unknown = null;
  let next = 0;
  let going = true;
  const worker = async (): Promise<void> => {
    while (going && next < names.length) {
      const name = names[next++];
      try {
        await work(name);
        done.push(name);
      } catch (error) {
        failed += 1;
        first ??= error;
      }
      going = on(done.length + failed);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { done, failed, error: first };
}

async function withProgress(
  services: IStudioServices,
  doing: string,
  names: readonly string[],
  work: (name: string) => Promise<void>
): Promise<IOutcome> {
  if (names.length < MANY) {
    return each(names, work);
  }
  const { trans } = services;
  let stopped = false;
  const message = (count: number): string =>
    trans.__('%1: %2 of %3', doing, count, names.length);
  const id = Notification.emit(message(0), 'in-progress', {
    autoClose: false,
    actions: [{ label: trans.__('Stop'), callback: () => (stopped = true) }]
  });
  let told = 0;
  const outcome = await each(names, work, count => {
    const now = performance.now();
    if (now - told > 200) {
      told = now;
      const progress = count / names.length;
      Notification.update({ id, message: message(count), progress });
    }
    return !stopped;
  });
  Notification.dismiss(id);
  return outcome;
}

/** Of how many rows it failed, and why. */
function tellFailed({ trans }: IStudioServices, outcome: IOutcome): void {
  if (outcome.failed === 0) {
    return;
  }
  const { text, hint } = bannerOf(outcome.error, trans);
  const message = trans._n(
    '%1 row could not be changed: %2',
    '%1 rows could not be changed: %2',
    outcome.failed,
    `${text} ${hint}`.trim().slice(0, 300)
  );
  Notification.error(message, { autoClose: UNDO_MS });
}

/** Do it, say what was done, offer to undo it. */
export async function bulk(
  services: IStudioServices,
  names: readonly string[],
  act: IBulk
): Promise<void> {
  const { trans } = services;
  const outcome = await withProgress(services, act.doing, names, act.work);
  act.settled?.();
  tellFailed(services, outcome);
  const { undo } = act;
  if (outcome.done.length === 0) {
    return;
  }
  const said = act.done(outcome.done.length);
  if (undo === undefined) {
    Notification.info(said, { autoClose: UNDO_MS });
    return;
  }
  offerUndo(said, trans, () => {
    const doing = trans.__('Undoing');
    void withProgress(services, doing, outcome.done, undo).then(undone => {
      act.settled?.();
      tellFailed(services, undone);
    });
  });
}
