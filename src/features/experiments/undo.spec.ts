import '../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { MOST, offerUndo } from './undo';

const trans = nullTranslator.load('mlstudio');

describe('ways back', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('are few at once: the oldest closes before they cover the page', () => {
    vi.useFakeTimers();
    // Whatever other tests offered is over by then.
    vi.setSystemTime(Date.now() + 3_600_000);
    let made = 0;
    vi.spyOn(Notification, 'info').mockImplementation(() => `toast-${made++}`);
    const closed: string[] = [];
    vi.spyOn(Notification, 'dismiss').mockImplementation(id => {
      closed.push(id ?? '');
    });
    for (let i = 0; i < MOST; i++) {
      offerUndo('done', trans, () => undefined);
    }
    expect(closed).toEqual([]);
    offerUndo('done', trans, () => undefined);
    expect(closed).toEqual(['toast-0']);
    // Those whose time is over are gone by themselves, and nobody waits for them.
    vi.advanceTimersByTime(11_000);
    offerUndo('done', trans, () => undefined);
    expect(closed).toEqual(['toast-0']);
  });
});
