/** What kernels use now: read again and again while somebody looks, and not at all otherwise. */
import { Signal } from '@lumino/signaling';

import { unwrap } from '../../api/client';
import type { IStudioApi } from '../../tokens';
import type { KernelUsage } from './words';

/** The last answer of `GET /kernels/usage`. */
export class KernelsUsage {
  constructor(
    private readonly api: IStudioApi,
    private readonly seconds: () => Promise<number>
  ) {}

  /** All kernels of the server, as they were last seen. */
  get kernels(): readonly KernelUsage[] {
    return this.#kernels;
  }

  /** What a kernel uses; null: it was not seen. */
  of(kernelId: string | undefined): KernelUsage | null {
    return this.#kernels.find(one => one.kernel_id === kernelId) ?? null;
  }

  /** Look for somebody who says whether it is worth it: whatever is shown asks to be kept true. */
  lookFor(looking: () => boolean): void {
    this.#lookers.push(looking);
    this.#start();
  }

  /** Read now; a server that does not answer leaves what was seen last. */
  async read(): Promise<void> {
    if (this.#reading) {
      return;
    }
    this.#reading = true;
    try {
      const reply = unwrap(await this.api.client.GET('/kernels/usage'));
      this.#kernels = reply.kernels;
      this.changed.emit();
    } catch {
      // Asked again at the next look; the sidebar says why the server does not answer.
    } finally {
      this.#reading = false;
    }
  }

  #start(): void {
    if (this.#timer !== 0) {
      return;
    }
    const tick = async (): Promise<void> => {
      if (!document.hidden && this.#lookers.some(looking => looking())) {
        await this.read();
      }
      const seconds = Math.max(1, await this.seconds());
      this.#timer = window.setTimeout(() => void tick(), 1000 * seconds);
    };
    this.#timer = window.setTimeout(() => void tick(), 0);
  }

  /** Look no more. */
  dispose(): void {
    window.clearTimeout(this.#timer);
    this.#lookers.length = 0;
    Signal.clearData(this);
  }

  readonly changed = new Signal<this, void>(this);
  readonly #lookers: (() => boolean)[] = [];
  #kernels: readonly KernelUsage[] = [];
  #reading = false;
  #timer = 0;
}
