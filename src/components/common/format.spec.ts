import { describe, expect, it } from 'vitest';

import {
  elapsed,
  formatBytes,
  formatDuration,
  formatNumber,
  formatTime
} from './format';

describe('what people read', () => {
  it('shows numbers that are not numbers by name, never as 0', () => {
    expect(
      ['nan', 'inf', '-inf', null, -0].map(value =>
        formatNumber(value as number)
      )
    ).toEqual(['NaN', '∞', '−∞', '–', '-0']);
  });

  it('keeps enough digits to tell two runs apart, and turns to powers of ten', () => {
    expect(formatNumber(0.9871234)).toBe('0.987123');
    expect(formatNumber(1.5e-7)).toBe('1.5e-7');
    expect(formatNumber(1e308)).toBe('1e+308');
    expect(formatNumber(123456)).toBe('123,456');
  });

  it('shows a duration in at most two units, never below zero', () => {
    expect(
      [-5, 400, 12_000, 185_000, 7_380_000, 360_000_000].map(formatDuration)
    ).toEqual([
      '0.0 s',
      '0.4 s',
      '12 s',
      '3 min 05 s',
      '2 h 03 min',
      '4 d 4 h'
    ]);
  });

  it('counts from the start to the end, or to now', () => {
    expect(elapsed(null, null, 5)).toBeNull();
    expect(elapsed(1_000_000, 3_000_000, 99_000)).toBe(2000);
    expect(elapsed(1_000_000, null, 4000)).toBe(3000);
    expect(elapsed(9_000_000, null, 4000)).toBe(0);
  });

  it('has a dash for what is not there', () => {
    expect([formatTime(null), formatBytes(undefined)]).toEqual(['–', '–']);
    expect(formatBytes(1_500_000)).toBe('1.5 MB');
  });
});
