import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import {
  formatMeasure,
  hardwareLabel,
  hardwareText,
  measureOf
} from './measures';

const trans = nullTranslator.load('mlstudio');

describe('what the machine measures', () => {
  it('has a name and a unit; what others wrote keeps its key', () => {
    const said = (name: string): string => {
      const measure = measureOf(name, trans);
      return `${measure?.label} ${measure?.unit}`;
    };
    expect(said('system/cpu')).toBe('CPU in use percent');
    expect(said('system/gpu.3.power')).toBe('GPU 3 power watts');
    expect(measureOf('system/gpu.0.fan', trans)).toBeNull();
    expect(measureOf('loss', trans)).toBeNull();
  });

  it('is written with its unit in three or four digits', () => {
    expect(formatMeasure(12.75, 'percent')).toBe('12.75 %');
    expect(formatMeasure(99.94999, 'percent')).toBe('99.95 %');
    expect(formatMeasure(25276510208, 'bytes')).toBe('23.5 GiB');
    expect(formatMeasure(0, 'bytes')).toBe('0 B');
    expect(formatMeasure(52428800, 'rate')).toBe('50 MiB/s');
    expect(formatMeasure(310.44, 'watts')).toBe('310.4 W');
    expect(formatMeasure(NaN, 'rate')).toBe('NaN');
  });
});

describe('the recorded hardware', () => {
  it('is named in words, and memory is counted in GiB', () => {
    expect(hardwareLabel('cpus', trans)).toBe('CPU cores');
    expect(hardwareLabel('gpu1', trans)).toBe('GPU 1');
    expect(hardwareLabel('constructor', trans)).toBe('constructor');
    expect(hardwareText('memory', '25276510208')).toBe('23.5 GiB');
    expect(hardwareText('memory', 'much')).toBe('much');
    expect(hardwareText('cpus', '2')).toBe('2');
  });
});
