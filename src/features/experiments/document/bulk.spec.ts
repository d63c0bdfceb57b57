import '../../../components/common/dom.fixture';

import { describe, expect, it } from 'vitest';

import { each } from './bulk';

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
