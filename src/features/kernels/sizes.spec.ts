import { describe, expect, it } from 'vitest';

import { coresHeld, freeGpus, shownSizes, sizesOf } from './sizes';
import type { IFilter, InstancesReply } from './sizes';

const gpu = (uuid: string, memory = 16) => ({
  uuid,
  index: 0,
  name: 'Fake',
  memory_mib: 1024 * memory,
  used_mib: 0,
  utilisation: null,
  busy_outside: false
});
const type = (name: string, vcpu: number, memory: number, count = 0) => ({
  name,
  vcpu,
  memory_gib: memory,
  gpu: count,
  gpu_memory_gib: count ? 16 : 0,
  own: false
});
const lease = (resource: string, holder: string) => ({
  resource,
  holder,
  kind: 'job' as const,
  amount: 1,
  acquired_at: 0,
  expires_at: 0
});
const reply = (gpus = [gpu('a'), gpu('b')]): InstancesReply => ({
  types: [
    type('ml.m5.large', 2, 8),
    type('ml.m5.4xlarge', 16, 64),
    type('ml.g4dn.xlarge', 4, 16, 1),
    type('ml.p3.8xlarge', 4, 16, 4)
  ],
  host: { host: 'h', cpus: [0, 1, 2, 3], memory_mib: 16384, gpus },
  leases: [
    lease('h/gpu/a', 'k'),
    lease('h/cpu/0', 'job'),
    lease('x/gpu/b', 'y')
  ]
});
const ALL: IFilter = { text: '', gpu: 'any', fitting: false };
const BY_NAME = { key: 'name', descending: false } as const;

describe('sizes', () => {
  it('counts what others hold', () => {
    expect(freeGpus(reply(), 'other')).toBe(1);
    expect(freeGpus(reply(), 'k')).toBe(2);
    expect(coresHeld(reply())).toBe(1);
  });

  it('offers the host, its parts, and the catalogue', () => {
    const sizes = sizesOf(reply(), 'k');
    expect(sizes.map(one => one.name)).toEqual([
      'local',
      'ml.local.cpu1',
      'ml.local.cpu2',
      'ml.local.gpu1',
      'ml.local.gpu2',
      'ml.m5.large',
      'ml.m5.4xlarge',
      'ml.g4dn.xlarge',
      'ml.p3.8xlarge'
    ]);
    expect(sizes[1]).toMatchObject({ vcpu: 1, memoryMib: 4096, gpus: 0 });
    expect(sizes[3]).toMatchObject({ vcpu: 2, memoryMib: 8192, gpus: 1 });
  });

  it('says what can be had now', () => {
    const room = (id: string, data = reply()) =>
      Object.fromEntries(sizesOf(data, id).map(one => [one.name, one.room]));
    expect(room('k')['ml.p3.8xlarge']).toBe('now'); // cut to the two that are free
    expect(room('other')['ml.local.gpu1']).toBe('now');
    expect(room('other')['ml.local.gpu2']).toBe('busy');
    expect(room('other')['ml.p3.8xlarge']).toBe('busy');
    expect(room('k', reply([]))['ml.g4dn.xlarge']).toBe('never');
    expect(room('k', reply([]))['ml.m5.large']).toBe('now');
  });

  it('says what is cut off', () => {
    const fits = Object.fromEntries(
      sizesOf(reply([gpu('a', 8)]), 'k').map(one => [one.name, one.fits])
    );
    expect(fits['ml.m5.large']).toBe(true);
    expect(fits['ml.m5.4xlarge']).toBe(false);
    expect(fits['ml.g4dn.xlarge']).toBe(false); // its GPU is smaller
    expect(fits['ml.local.gpu1']).toBe(true);
  });

  it('filters, and never hides what is chosen', () => {
    const sizes = sizesOf(reply(), 'k');
    const names = (filter: Partial<IFilter>, chosen = '') =>
      shownSizes(sizes, { ...ALL, ...filter }, BY_NAME, chosen).map(
        one => one.name
      );
    expect(names({ text: ' M5 ' })).toEqual(['ml.m5.4xlarge', 'ml.m5.large']);
    expect(names({ gpu: 'with', fitting: true })).toEqual([
      'ml.g4dn.xlarge',
      'ml.local.gpu1',
      'ml.local.gpu2'
    ]);
    expect(names({ gpu: 'without', text: 'local.' })).toEqual([
      'ml.local.cpu1',
      'ml.local.cpu2'
    ]);
    expect(names({ text: 'nothing' }, 'ml.m5.large')).toEqual(['ml.m5.large']);
  });

  it('sorts by numbers and keeps the order of equals', () => {
    const sizes = sizesOf(reply(), 'other');
    const names = (key: 'vcpu' | 'room', descending: boolean) =>
      shownSizes(sizes, ALL, { key, descending }, '').map(one => one.name);
    expect(names('vcpu', true).slice(0, 3)).toEqual([
      'ml.m5.4xlarge',
      'local',
      'ml.local.gpu2'
    ]);
    expect(names('room', false).slice(-2)).toEqual([
      'ml.local.gpu2',
      'ml.p3.8xlarge'
    ]);
  });
});
