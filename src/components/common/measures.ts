/**
 * What our own records measure, in words and units: the sampler's series, and the hardware.
 *
 * Keys are for queries and code; people read "Memory in use" and "23.5 GiB". Pure.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatNumber } from './format';

/** Percent of 100; bytes; bytes a second; watts. */
export type Unit = 'percent' | 'bytes' | 'rate' | 'watts';

/** What the sampler of the machine writes begins so. */
export const SYSTEM = 'system/';

export interface IMeasure {
  readonly label: string;
  readonly unit: Unit;
}

/** What a series of the machine is; null: another series, or one that another tool wrote. */
export function measureOf(
  name: string,
  trans: TranslationBundle
): IMeasure | null {
  const gpu = /^system\/gpu\.(\d+)\.(util|mem|power)$/.exec(name);
  if (gpu !== null) {
    const [, n, what] = gpu;
    return what === 'util'
      ? { label: trans.__('GPU %1 in use', n), unit: 'percent' }
      : what === 'mem'
        ? { label: trans.__('GPU %1 memory in use', n), unit: 'percent' }
        : { label: trans.__('GPU %1 power', n), unit: 'watts' };
  }
  switch (name) {
    case 'system/cpu':
      return { label: trans.__('CPU in use'), unit: 'percent' };
    case 'system/mem':
      return { label: trans.__('Memory in use'), unit: 'percent' };
    case 'system/disk':
      return { label: trans.__('Disk traffic'), unit: 'rate' };
    case 'system/net':
      return { label: trans.__('Network traffic'), unit: 'rate' };
    case 'system/proc.rss':
      return { label: trans.__('Memory of the process'), unit: 'bytes' };
    default:
      return null;
  }
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in binary units, as memory is sold: "23.5 GiB". */
function formatBinary(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BINARY.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatNumber(Number(value.toPrecision(3)))} ${BINARY[unit]}`;
}

/** A value with its unit, in as many digits as anybody reads. */
export function formatMeasure(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) {
    return formatNumber(value);
  }
  const short = formatNumber(Number(value.toPrecision(4)));
  switch (unit) {
    case 'percent':
      return `${short} %`;
    case 'watts':
      return `${short} W`;
    case 'bytes':
      return formatBinary(value);
    case 'rate':
      return `${formatBinary(value)}/s`;
  }
}

/** What a key of the recorded hardware is called. */
export function hardwareLabel(key: string, trans: TranslationBundle): string {
  const gpu = /^gpu(\d+)$/.exec(key);
  if (gpu !== null) {
    return trans.__('GPU %1', gpu[1]);
  }
  const known: Readonly<Record<string, string>> = {
    cpu: trans.__('Processor'),
    cpus: trans.__('CPU cores'),
    host: trans.__('Host'),
    machine: trans.__('Architecture'),
    memory: trans.__('Memory'),
    gpu_driver: trans.__('GPU driver')
  };
  return Object.hasOwn(known, key) ? known[key] : key;
}

/** A value of the recorded hardware: memory is counted in bytes, and nobody reads eleven digits. */
export function hardwareText(key: string, value: string): string {
  return key === 'memory' && /^\d{1,15}$/.test(value)
    ? formatBinary(Number(value))
    : value;
}
