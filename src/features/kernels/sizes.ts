/** The rows of the picker: sizes, whether they fit this host, and what is free of them now. */
import type { Schemas } from '../../api/types';
import { SHARED } from './words';

export type InstancesReply = Schemas['InstancesReply'];

/** A size as a row. */
export interface ISize {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** Each GPU's memory in GiB; 0: any. */
  readonly gpuMemoryGib: number;
  /** Nothing of it is cut off on this host. */
  readonly fits: boolean;
  /** `now`: it can be had; `busy`: its GPUs are held; `never`: this host has no GPU. */
  readonly room: 'now' | 'busy' | 'never';
}

export type SortKey = 'name' | 'vcpu' | 'memoryMib' | 'gpus' | 'room';
export interface ISort {
  readonly key: SortKey;
  readonly descending: boolean;
}
export interface IFilter {
  readonly text: string;
  readonly gpu: 'any' | 'with' | 'without';
  /** Only sizes of which nothing is cut off. */
  readonly fitting: boolean;
}

/** How many GPUs nobody but this kernel holds. */
export function freeGpus(reply: InstancesReply, kernelId: string): number {
  const start = `${reply.host.host}/gpu/`;
  const taken = new Set(
    reply.leases
      .filter(one => one.resource.startsWith(start) && one.holder !== kernelId)
      .map(one => one.resource.slice(start.length))
  );
  return reply.host.gpus.filter(one => !taken.has(one.uuid)).length;
}

/** Cores that jobs and endpoints hold; kernels hold none. */
export function coresHeld(reply: InstancesReply): number {
  const start = `${reply.host.host}/cpu/`;
  return reply.leases.filter(one => one.resource.startsWith(start)).length;
}

/** All sizes that may be chosen here: the host, parts of it, the user's own, those of AWS. */
export function sizesOf(reply: InstancesReply, kernelId: string): ISize[] {
  const { host } = reply;
  const cores = host.cpus.length;
  const cards = host.gpus.length;
  const free = freeGpus(reply, kernelId);
  const size = (
    name: string,
    vcpu: number,
    memoryMib: number,
    gpus: number,
    gpuMemoryGib = 0
  ): ISize => {
    const large = host.gpus.filter(
      one => one.memory_mib >= 1024 * gpuMemoryGib
    ).length;
    return {
      name,
      vcpu,
      memoryMib,
      gpus,
      gpuMemoryGib,
      fits: vcpu <= cores && memoryMib <= host.memory_mib && gpus <= large,
      room:
        gpus > 0 && cards === 0
          ? 'never'
          : Math.min(gpus, cards) > free
            ? 'busy'
            : 'now'
    };
  };
  const parts: ISize[] = [];
  for (let n = 1; n < cores; n *= 2) {
    parts.push(size(`ml.local.cpu${n}`, n, (host.memory_mib * n) / cores, 0));
  }
  for (let n = 1; n <= cards; n++) {
    const vcpu = Math.max(1, Math.floor((cores * n) / cards));
    parts.push(
      size(`ml.local.gpu${n}`, vcpu, (host.memory_mib * n) / cards, n)
    );
  }
  return [
    { ...size(SHARED, cores, host.memory_mib, 0), gpus: 0 },
    ...parts,
    ...reply.types.map(one =>
      size(
        one.name,
        one.vcpu,
        1024 * one.memory_gib,
        one.gpu ?? 0,
        one.gpu_memory_gib ?? 0
      )
    )
  ];
}

const ROOM = { now: 0, busy: 1, never: 2 };

/** Rows that pass the filter, in order; the chosen one always passes. */
export function shownSizes(
  sizes: readonly ISize[],
  filter: IFilter,
  sort: ISort,
  chosen: string
): ISize[] {
  const text = filter.text.trim().toLowerCase();
  const passes = (one: ISize): boolean =>
    one.name === chosen ||
    (one.name.toLowerCase().includes(text) &&
      (filter.gpu === 'any' || one.gpus > 0 === (filter.gpu === 'with')) &&
      (!filter.fitting || (one.fits && one.room !== 'never')));
  const value = (one: ISize): number =>
    sort.key === 'room' ? ROOM[one.room] : Number(one[sort.key]);
  const compare = (a: ISize, b: ISize): number =>
    sort.key === 'name'
      ? a.name.localeCompare(b.name, 'en', { numeric: true })
      : value(a) - value(b);
  // Sizes of one value stay in the order of the catalogue.
  return sizes
    .filter(passes)
    .sort((a, b) => (sort.descending ? -1 : 1) * compare(a, b));
}
