import type uPlot from 'uplot';
import { describe, expect, it } from 'vitest';

import { boxOf, gapOf, lettersFor } from './parallelDraw';
import { buildAxis } from './parallel';
import { parallelSvg } from './parallelSvg';
import { lineSvg } from './svg';
import type { IChartTheme } from './theme';
import {
  ALL_STEPS,
  formatClock,
  formatTick,
  formatValueTick,
  formatX,
  roundTicks
} from './ticks';

const theme: IChartTheme = {
  dark: false,
  text: 'black',
  faint: 'grey',
  grid: 'silver',
  background: 'white',
  brand: 'blue',
  error: 'red',
  font: 'sans-serif',
  size: 11,
  series: []
};
const EVIL = '<script>"&</script>';

const parse = (svg: string): Document =>
  new DOMParser().parseFromString(svg, 'image/svg+xml');

describe('a chart as SVG', () => {
  const plot = {
    width: 400,
    height: 200,
    over: { offsetLeft: 40, offsetTop: 8, offsetWidth: 340, offsetHeight: 160 },
    scales: { x: { min: 0, max: 10 }, y: { min: 0, max: 1 } },
    valToPos: (v: number, scale: string) =>
      scale === 'x' ? v * 34 : 160 - v * 160
  } as unknown as uPlot;
  const look = {
    x: 'step' as const,
    log: false,
    logX: false,
    smooth: false,
    theme,
    syncKey: undefined
  };
  const buffer = {
    x: Float64Array.from([0, 1, 2, 3]),
    y: Float64Array.from([0, 1, NaN, 0.5]),
    smooth: null,
    length: 4,
    nanX: [2]
  };

  it('is well formed whatever users wrote, and breaks where values do', () => {
    const line = { key: 'k', label: EVIL, color: 'red', dash: [2, 2], buffer };
    const page = parse(lineSvg(plot, [line], look, EVIL));
    expect(page.querySelector('parsererror')).toBeNull();
    expect(page.querySelector('script')).toBeNull();
    expect(page.documentElement.textContent).toContain(EVIL);
    const path = page.querySelector('path[stroke-width="1.75"]');
    expect(path?.getAttribute('d')).toBe('M40 194L74 34M142 114');
  });

  it('of parallel coordinates draws the rows that pass the brushes', () => {
    const axes = [
      buildAxis('a', EVIL, [1, 2, 3]),
      buildAxis('b', 'b', ['x', 'y', null])
    ];
    const picture = {
      title: EVIL,
      box: boxOf(300, 200, 2),
      axes,
      rows: Uint32Array.from([0, 1, 2]),
      mask: Uint8Array.from([1, 0, 1]),
      objective: undefined,
      theme
    };
    const page = parse(parallelSvg(picture));
    expect(page.querySelector('parsererror')).toBeNull();
    const lines = page.querySelector('path[stroke="blue"]');
    expect(lines?.getAttribute('d')?.match(/M/g)).toHaveLength(2);
  });
});

describe('ticks', () => {
  it('are round numbers inside the axis', () => {
    expect(roundTicks(0, 10, false)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(roundTicks(0.5, 2000, true)).toEqual([1, 10, 100, 1000]);
    expect(roundTicks(3, 3, false)).toEqual([3]);
    expect(roundTicks(1e300, 9e300, false).length).toBeGreaterThan(2);
  });

  it('of a clock have seconds where they are close, and the day where it begins', () => {
    const noon = new Date(2026, 10, 23, 23, 59, 30).getTime() / 1000;
    const close = formatClock([noon, noon + 15, noon + 30], 15);
    expect(close[0]).toMatch(/^23:59:30\n/);
    expect(close[1]).toBe('23:59:45');
    expect(close[2]).toMatch(/^(00|24):00:00\n/);
    expect(formatClock([noon, noon + 0.5], 0.5)[1]).toMatch(/^23:59:30.5/);
    expect(formatClock([noon], 60)[0]).toMatch(/^23:59\n/);
    expect(formatClock([noon], 86400)[0]).not.toContain(':');
  });

  it('have the unit of their values', () => {
    expect(formatValueTick(3 * 2 ** 20, 'rate')).toBe('3 MiB/s');
    expect(formatValueTick(3)).toBe('3');
    expect(formatValueTick(null, 'bytes')).toBe('');
  });

  it('reach to the end of float64', () => {
    expect(ALL_STEPS.every(Number.isFinite)).toBe(true);
    expect(ALL_STEPS[ALL_STEPS.length - 1]).toBeGreaterThan(1e307);
    expect(ALL_STEPS.every((v, i) => i === 0 || v > ALL_STEPS[i - 1])).toBe(
      true
    );
    expect([0, 0.25, 2e33, -1.5e-7, null].map(formatTick)).toEqual([
      '0',
      '0.25',
      '2e33',
      '-1.5e-7',
      ''
    ]);
    expect(formatX(3, 'metric:epoch')).toBe('3');
    const day = 86_400;
    expect(formatX(10 * day, 'time')).not.toBe(formatX(11 * day, 'time'));
  });
});

describe('parallel axes in little room', () => {
  it('move together before they run off', () => {
    const wide = boxOf(900, 300, 7);
    expect([wide.width, wide.staggered]).toEqual([900, false]);
    const narrow = boxOf(420, 300, 7);
    expect([narrow.width, narrow.staggered]).toEqual([420, true]);
    expect(lettersFor(narrow, 7)).toBeLessThan(lettersFor(wide, 7));
    const tight = boxOf(200, 300, 7);
    expect(tight.width).toBeGreaterThan(200);
    expect(gapOf(tight, 7)).toBeGreaterThanOrEqual(44);
  });
});
