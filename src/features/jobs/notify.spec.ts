import '../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../components/common';
import type { IOpenJob } from '../../components/common/openJobs';
import { EndTeller, isNews, lastLines } from './notify';

const job = (name: string, status: string, more: object = {}): IOpenJob =>
  ({ name, status, secondary: status, ...more }) as unknown as IOpenJob;

describe('news', () => {
  it('is what failed or took too long, and what completed if wanted', () => {
    const late = job('a', 'Stopped', { secondary: 'MaxRuntimeExceeded' });
    const all = [
      job('a', 'Failed'),
      late,
      job('a', 'Completed'),
      job('a', 'Stopped')
    ];
    const told = (what: 'all' | 'failures' | 'none'): boolean[] =>
      all.map(one => isNews(one, what));
    expect(told('all')).toEqual([true, true, true, false]);
    expect(told('failures')).toEqual([true, true, false, false]);
    expect(told('none')).toEqual([false, false, false, false]);
  });

  it('has the last lines without colours and empty ones', () => {
    const text =
      'one\n\n\u001b[31mtwo\u001b[0m\n10%\r99%\n  ^^^~~\nfour\nfive\n';
    const data = new TextEncoder().encode(text);
    expect(lastLines(data, 18)).toEqual(['two', '99%', 'four', 'five']);
    expect(lastLines(data, 12)).toEqual(['four', 'five']);
    expect(lastLines(data, 4)).toEqual(['fi…']);
  });
});

describe('ends', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const teller = (log: string): EndTeller =>
    new EndTeller({
      trans: nullTranslator.load('mlstudio'),
      api: {
        request: async () => new Response(new TextEncoder().encode(log))
      }
    } as unknown as IStudioServices);

  it('are told one by one, a failure with its last lines', async () => {
    const said = vi.spyOn(Notification, 'emit').mockReturnValue('');
    const ends = teller('ValueError: no\n');
    ends.add(job('bad', 'Failed'));
    ends.add(job('good', 'Completed', { started_at: 0, ended_at: 2_000_000 }));
    await vi.advanceTimersByTimeAsync(2000);
    const calls = said.mock.calls.map(([text, type]) => [text, type]);
    expect(calls).toContainEqual([
      'Job “bad” failed.\nValueError: no',
      'error'
    ]);
    expect(calls).toContainEqual(['Job “good” completed in 2.0 s.', 'success']);
  });

  it('of a sweep are one line', async () => {
    const said = vi.spyOn(Notification, 'emit').mockReturnValue('');
    const ends = teller('');
    for (let i = 0; i < 50; i++) {
      ends.add(job(`j${i}`, i < 2 ? 'Failed' : 'Completed'));
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(said.mock.calls.map(call => call[0])).toEqual([
      '50 jobs ended · 2 failed'
    ]);
  });
});
