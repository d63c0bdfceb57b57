import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { COLORS, FEW, hashName, scaleColor, SeriesPalette } from './palette';
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

/** OKLab of a colour like #0072b2: where equal distances look equally different. */
function oklab(hex: string): readonly number[] {
  const [r, g, b] = [1, 3, 5]
    .map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ];
}

describe('colours of a few runs', () => {
  const themes = readFileSync('style/palette.css', 'utf-8')
    .split("[data-jp-theme-light='false']")
    .map(part =>
      [...part.matchAll(/series-\d+: (#[0-9a-f]{6})/g)].map(m => oklab(m[1]))
    );
  const apart = (a: number, b: number): number =>
    Math.min(
      ...themes.map(colours =>
        Math.hypot(...colours[a - 1].map((c, i) => c - colours[b - 1][i]))
      )
    );

  it('are never alike, in both themes, whatever was drawn before', () => {
    const palette = new SeriesPalette();
    palette.settle(Array.from({ length: 60 }, (_, i) => `run-${i}`));
    for (let round = 0; round < 300; round++) {
      const few = Array.from(
        { length: FEW },
        (_, i) => `run-${(round * 7 + i * (1 + (round % 11))) % 60}`
      );
      palette.settle(few);
      const slots = few.map(name => palette.styleOf(name).slot);
      for (let i = 0; i < FEW; i++) {
        for (let j = 0; j < i; j++) {
          expect(apart(slots[i], slots[j])).toBeGreaterThanOrEqual(0.095);
        }
      }
    }
  });

  it('do not change when the same are drawn in another order', () => {
    const palette = new SeriesPalette();
    palette.settle(['a', 'b', 'c', 'd']);
    const before = ['a', 'b', 'c', 'd'].map(name => palette.styleOf(name));
    palette.settle(['d', 'c', 'b', 'a']);
    expect(['a', 'b', 'c', 'd'].map(name => palette.styleOf(name))).toEqual(
      before
    );
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
