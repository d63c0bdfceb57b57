import { describe, expect, it } from 'vitest';

import { isRunning, shownStatus } from './states';

describe('the status that is shown', () => {
  it('is Pending for what is in progress and has not started', () => {
    expect(shownStatus('InProgress', null)).toBe('Pending');
  });

  it('is the status itself once it started, or where nobody knows', () => {
    expect(shownStatus('InProgress', 1790000000000000)).toBe('InProgress');
    expect(shownStatus('InProgress', undefined)).toBe('InProgress');
    expect(shownStatus('Stopped', null)).toBe('Stopped');
    expect(shownStatus(null, null)).toBeNull();
  });

  it('may change by itself while in progress or stopping', () => {
    expect(['InProgress', 'Stopping', 'Failed', null].map(isRunning)).toEqual([
      true,
      true,
      false,
      false
    ]);
  });
});
