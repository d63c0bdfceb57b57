import '../../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { IStudioServices } from '../../../components/common';
import { bulk, each } from './bulk';

const names = Array.from({ length: 20 }, (_, i) => `r${i}`);

describe('one thing done to many rows', () => {
  it('is done a few at a time', async () => {
    let now = 0;
    let most = 0;
    const { done } = await each(names, async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
    });
    expect(done).toHaveLength(20);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('goes on after a failure and names the first', async () => {
    const outcome = await each(names, async name => {
      if (name === 'r3' || name === 'r7') {
        throw new Error(name);
      }
    });
    expect(outcome.failed).toBe(2);
    expect(outcome.done).toHaveLength(18);
    expect((outcome.error as Error).message).toBe('r3');
  });

  it('stops when it is told to', async () => {
    const outcome = await each(
      names,
      async () => undefined,
      count => count < 5
    );
    expect(outcome.done.length).toBeLessThan(10);
  });
});

it('tells of how many rows an undo failed', async () => {
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  const error = vi.spyOn(Notification, 'error').mockReturnValue('');
  const trans = nullTranslator.load('mlstudio');
  await bulk({ trans } as unknown as IStudioServices, ['a', 'b', 'c'], {
    doing: 'Tagging',
    done: n => `${n} done`,
    work: async () => undefined,
    undo: async name => {
      if (name !== 'a') {
        throw new StudioError('version_conflict', 'changed since');
      }
    }
  });
  const [, options] = info.mock.calls[0];
  options?.actions?.[0].callback(new MouseEvent('click'));
  await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(1));
  expect(error.mock.calls[0][0]).toMatch(/^2 rows could not be changed: /);
});
