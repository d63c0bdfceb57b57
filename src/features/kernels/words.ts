/** How sizes and their use are said in few words. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../../api/types';
import { formatBytes } from '../../components/common/format';

export type KernelInstance = Schemas['KernelInstance'];
export type KernelUsage = Schemas['KernelUsage'];

/** Name of the whole host, shared by all. */
export const SHARED = 'local';

/** GiB with one digit at most: "4", "3.8". */
export function gib(mib: number): string {
  return String(Math.round((10 * mib) / 1024) / 10);
}

/** "2 vCPU + 4 GiB + 1 GPU". */
export function sizeText(
  size: { vcpu: number; memoryMib: number; gpus: number },
  trans: TranslationBundle
): string {
  const parts = [
    trans.__('%1 vCPU', size.vcpu),
    trans.__('%1 GiB', gib(size.memoryMib))
  ];
  if (size.gpus > 0) {
    parts.push(trans._n('%1 GPU', '%1 GPUs', size.gpus));
  }
  return parts.join(' + ');
}

/** What a kernel runs on, for the button beside its name. */
export function instanceText(
  instance: KernelInstance,
  trans: TranslationBundle
): string {
  return sizeText(
    {
      vcpu: instance.vcpu,
      memoryMib: instance.memory_mib ?? instance.host_memory_mib,
      gpus: instance.gpus.length
    },
    trans
  );
}

/** The same in sentences, for the tooltip. */
export function instanceTitle(
  instance: KernelInstance,
  trans: TranslationBundle
): string {
  const lines = [
    instance.instance_type === SHARED
      ? trans.__('The kernel shares the whole host')
      : trans.__('The kernel runs on %1', instance.instance_type)
  ];
  if (instance.wanted !== instance.instance_type) {
    lines.push(trans.__('Chosen: %1', instance.wanted));
  }
  return [
    ...lines,
    ...instance.notices,
    trans.__('Click to choose another instance type')
  ].join('\n');
}

/**
 * Memory, CPU and GPU memory: "240.0 MB · 12 % CPU · 1.1 GB GPU"; what nobody knows is left out.
 *
 * `short` leaves the word CPU out, for places as narrow as a sidebar.
 */
export function usageText(
  usage: KernelUsage,
  trans: TranslationBundle,
  short = false
): string {
  const parts: string[] = [];
  if (usage.rss !== null) {
    parts.push(formatBytes(usage.rss));
  }
  if (usage.cpu_percent !== null) {
    const percent = Math.round(usage.cpu_percent);
    parts.push(short ? `${percent} %` : trans.__('%1 % CPU', percent));
  }
  const held = usage.instance?.gpus.length ?? 0;
  if (usage.gpu_memory !== null && (usage.gpu_memory > 0 || held > 0)) {
    parts.push(trans.__('%1 GPU', formatBytes(usage.gpu_memory)));
  } else if (held > 0) {
    parts.push(trans._n('%1 GPU', '%1 GPUs', held));
  }
  return parts.join(' · ');
}

/** What a kernel is called: its notebook's name, else its kernelspec's. */
export function kernelName(usage: KernelUsage): string {
  return usage.path.split('/').pop() || usage.name;
}
