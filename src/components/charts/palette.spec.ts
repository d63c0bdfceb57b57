import { describe, expect, it } from 'vitest';

import { COLORS, hashName, scaleColor, SeriesPalette } from './palette';
import { shortLabels } from './shortLabels';

describe('colours of runs', () => {
  it('come from a hash that is the same everywhere', () => {
    expect(hashName('')).toBe(0x811c9dc5);
    expect(hashName('a')).toBe(0xe40c292c);
    expect(hashName('foobar')).toBe(0xbf9cf968);
  });

  it('stay with their name, whoever comes after', () => {
    const palette = new SeriesPalette();
    const first = palette.styleOf('run-1');
    for (let i = 2; i < 200; i++) {
      palette.settle(['run-1', `run-${i}`]);
    }
    expect(palette.styleOf('run-1')).toBe(first);
    expect(first.slot).toBe((hashName('run-1') % COLORS) + 1);
  });

  it('differ among twelve that are drawn together, whatever was drawn before', () => {
    const palette = new SeriesPalette();
    for (let round = 0; round < 20; round++) {
      const names = Array.from(
        { length: 12 },
        (_, i) => `run-${round * 7 + i}`
      );
      palette.settle(names);
      const looks = names.map(name => palette.styleOf(name));
      expect(new Set(looks.map(s => `${s.slot}:${s.dash.join()}`)).size).toBe(
        12
      );
    }
  });

  it('come again with other dashes when there are more than twelve', () => {
    const palette = new SeriesPalette();
    const names = Array.from({ length: 72 }, (_, i) => `run-${i}`);
    palette.settle(names);
    const looks = names.map(name => palette.styleOf(name));
    expect(new Set(looks.slice(0, 12).map(s => s.slot)).size).toBe(12);
    expect(new Set(looks.map(s => `${s.slot}:${s.dash.join()}`)).size).toBe(72);
  });

  it('run from dark to light without the end that the background swallows', () => {
    expect(scaleColor(0, false)).toBe('rgb(68, 1, 84)');
    expect(scaleColor(1, true)).toBe('rgb(253, 231, 37)');
    expect(scaleColor(2, false)).toBe(scaleColor(1, false));
    expect(scaleColor(1, false)).not.toBe(scaleColor(1, true));
  });
});

describe('labels in a tooltip', () => {
  it('lose the beginning that all share, at the start of a word', () => {
    expect(
      shortLabels(['cnn-training-job-10-x', 'cnn-training-job-12-x'])
    ).toEqual(['…10-x', '…12-x']);
  });

  it('stay whole when they share little, or stand alone', () => {
    expect(shortLabels(['run-1', 'run-2'])).toEqual(['run-1', 'run-2']);
    expect(shortLabels(['a-very-long-name-indeed'])).toEqual([
      'a-very-long-name-indeed'
    ]);
    expect(shortLabels([])).toEqual([]);
  });
});
