import { describe, expect, it } from 'vitest';

import type { SeriesSummary } from '../../api/types';
import { lastMetric, progressOf, timeLeft, totalSteps } from './progress';

const series = (
  name: string,
  last_step: number,
  count = last_step + 1,
  last_ts = 1
): SeriesSummary => ({ name, last_step, count, last_ts }) as SeriesSummary;

describe('how many steps there are', () => {
  it('is what a hyperparameter says, steps before epochs', () => {
    expect(totalSteps({ epochs: '5', lr: '0.1' })).toBe(5);
    expect(totalSteps({ epochs: '5', max_steps: '"900"' })).toBe(900);
    expect(totalSteps({ 'Num-Epochs': '7' })).toBe(7);
  });

  it.each(['0', '-3', '2.5', 'many', '', '[5]'])('is not %s', value => {
    expect(totalSteps({ epochs: value })).toBeNull();
  });
});

describe('how far a job is', () => {
  it('counts steps from 0 and from 1', () => {
    expect(progressOf({ epochs: '10' }, [series('loss', 4)])).toBe(0.5);
    expect(progressOf({ epochs: '10' }, [series('loss', 5, 5)])).toBe(0.5);
  });

  it('is unknown without a total, without a metric, or when steps count something else', () => {
    expect(progressOf({}, [series('loss', 4)])).toBeNull();
    expect(progressOf({ epochs: '10' }, [])).toBeNull();
    expect(progressOf({ epochs: '10' }, [series('loss', 400)])).toBeNull();
    expect(progressOf({ epochs: '10' }, [series('system/cpu', 4)])).toBeNull();
  });

  it('says what is left at the pace so far', () => {
    expect(timeLeft(0.25, 1000)).toBe(3000);
    expect(timeLeft(0.01, 1000)).toBeNull();
    expect(timeLeft(null, 1000)).toBeNull();
    expect(timeLeft(1, 1000)).toBeNull();
  });
});

describe('the last metric', () => {
  it('is the one written last, not one of the machine', () => {
    const all = [
      series('loss', 3, 4, 10),
      series('acc', 3, 4, 12),
      series('system/cpu', 9, 10, 99)
    ];
    expect(lastMetric(all)?.name).toBe('acc');
    expect(lastMetric(all.slice(2))).toBeNull();
  });
});
