import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('style/palette.css', 'utf-8');
const [light, dark] = css
  .split("[data-jp-theme-light='false']")
  .map(part =>
    [...part.matchAll(/--jp-mlstudio-series-\d+: (#[0-9a-f]{6})/g)].map(
      match => match[1]
    )
  );

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map(value =>
      value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

describe('the palette of series', () => {
  it('has twelve different colours for each theme', () => {
    expect(new Set(light).size).toBe(12);
    expect(new Set(dark).size).toBe(12);
  });

  it.each([
    ['light', light, '#ffffff'],
    ['dark', dark, '#212121']
  ])('stands out from the %s background by 3:1', (_, colours, ground) => {
    expect(
      Math.min(...colours.map(colour => contrast(colour, ground)))
    ).toBeGreaterThanOrEqual(3);
  });
});
