import { describe, expect, it } from 'vitest';

import { fits, plainText } from './cell';

describe('whether a text surely has room', () => {
  it('depends on its characters', () => {
    expect(fits('-0.123456', 92)).toBe(true);
    expect(fits('-0.123456', 60)).toBe(false);
    expect(fits('illicit', 60)).toBe(true);
    expect(fits('WWWWWWW', 100)).toBe(false);
  });

  it('is never said of scripts whose widths are not known', () => {
    expect(fits('é', 800)).toBe(false);
    expect(fits('評価', 800)).toBe(false);
    expect(fits('a\u202eb', 800)).toBe(false);
  });

  it('is said of nothing and not of very much', () => {
    expect(fits('', 48)).toBe(true);
    expect(fits('x'.repeat(1e6), 800)).toBe(false);
  });
});

describe('cells of nothing but text', () => {
  it('are numbers, texts and missing values; the others need more', () => {
    expect(plainText(0.25, 'number')).toBe('0.25');
    expect(plainText('adam', 'text')).toBe('adam');
    expect(plainText(null, 'status')).toBe('–');
    expect(plainText('Completed', 'status')).toBeNull();
    expect(plainText(1, 'flag')).toBeNull();
    expect(plainText(undefined, 'number')).toBeNull();
  });
});
