import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import {
  gib,
  instanceText,
  instanceTitle,
  kernelName,
  usageText
} from './words';
import type { KernelInstance, KernelUsage } from './words';

const trans = nullTranslator.load('mlstudio');
const instance: KernelInstance = {
  instance_type: 'ml.t3.medium',
  wanted: 'ml.t3.medium',
  vcpu: 2,
  memory_mib: 4096,
  host_memory_mib: 24105,
  gpus: [],
  notices: []
};
const usage: KernelUsage = {
  kernel_id: 'k',
  name: 'python3',
  path: 'work/train.ipynb',
  instance,
  cpu_percent: 12.4,
  rss: 240e6,
  gpu_memory: null
};

describe('words', () => {
  it('says a size as people know it', () => {
    expect(instanceText(instance, trans)).toBe('2 vCPU + 4 GiB');
    expect(instanceText({ ...instance, gpus: ['a'] }, trans)).toBe(
      '2 vCPU + 4 GiB + 1 GPU'
    );
    expect(instanceText({ ...instance, gpus: ['a', 'b'] }, trans)).toMatch(
      /2 GPUs$/
    );
  });

  it('says what the host has where there is no limit', () => {
    const shared = { ...instance, instance_type: 'local', memory_mib: null };
    expect(instanceText(shared, trans)).toBe('2 vCPU + 23.5 GiB');
    expect(instanceTitle(shared, trans)).toMatch(/^The kernel shares/);
  });

  it('tells what was chosen and why it is another', () => {
    const other = { ...instance, wanted: 'ml.x', notices: ['It is cut.'] };
    expect(instanceTitle(other, trans).split('\n')).toEqual([
      'The kernel runs on ml.t3.medium',
      'Chosen: ml.x',
      'It is cut.',
      'Click to choose another instance type'
    ]);
  });

  it('leaves out what nobody knows', () => {
    expect(usageText(usage, trans)).toBe('240.0 MB · 12 % CPU');
    expect(usageText({ ...usage, gpu_memory: 1.1e9 }, trans)).toBe(
      '240.0 MB · 12 % CPU · 1.1 GB GPU'
    );
    expect(usageText({ ...usage, gpu_memory: 0 }, trans)).not.toMatch(/GPU/);
    const holds = { ...usage, instance: { ...instance, gpus: ['a'] } };
    expect(usageText(holds, trans)).toMatch(/ · 1 GPU$/);
    expect(usageText({ ...holds, gpu_memory: 0 }, trans)).toMatch(/0 B GPU$/);
    expect(usageText(usage, trans, true)).toBe('240.0 MB · 12 %');
    const blank = { ...usage, cpu_percent: null, rss: null };
    expect(usageText(blank, trans)).toBe('');
  });

  it('calls a kernel by its notebook', () => {
    expect(kernelName(usage)).toBe('train.ipynb');
    expect(kernelName({ ...usage, path: '' })).toBe('python3');
  });

  it('rounds to one digit', () => {
    expect([1024, 1536, 100, 24105].map(gib)).toEqual([
      '1',
      '1.5',
      '0.1',
      '23.5'
    ]);
  });
});
