/**
 * A log that is read from its end and grows while it is looked at.
 *
 * Offsets are bytes. Pushed bytes that follow what is here are added; what is missing is read
 * by ranges. One read at a time; after a read the known total decides whether another is needed.
 */
import { StudioError } from '../../api/errors';
import { LogText } from './text';

/** A stretch of a log. */
export interface ILogChunk {
  readonly data: Uint8Array;
  readonly offset: number;
  readonly total: number;
  /** Bytes that were never written because the log was over its limit. */
  readonly dropped: number;
}

/** What pushes: bytes from an offset, or only how long the log is now. */
export interface ILogPush {
  readonly offset?: number;
  readonly data?: Uint8Array;
  readonly total?: number;
}

/** Reads a stretch; a negative offset counts from the end. */
export type ReadLog = (
  offset: number,
  limit: number,
  signal: AbortSignal
) => Promise<ILogChunk>;

const TAIL = 256 * 1024;
const STEP = 1024 * 1024;
/** Further behind than this, the middle is skipped. */
const SKIP = 8 * STEP;

/** State of a log view; `onChange` after every change. */
export class LogTail {
  constructor(
    private readonly read: ReadLog,
    private readonly onChange: () => void
  ) {}

  text = new LogText();
  /** First byte that is here; more can be read before it when > 0. */
  start = 0;
  /** Byte after the last one that is here. */
  end = 0;
  dropped = 0;
  ready = false;
  error: unknown = null;

  /** Read the end of the log. */
  async open(): Promise<void> {
    await this.#guard(async signal => {
      const chunk = await this.read(-TAIL, TAIL, signal);
      this.#restart(chunk);
      this.ready = true;
      this.#total = Math.max(this.#total, chunk.total);
    });
    await this.#catchUp();
  }

  /** What the socket said. */
  push(event: ILogPush): void {
    const { offset, data } = event;
    if (!this.ready) {
      // The first read may have begun before this was written.
      const end = offset === undefined ? 0 : offset + (data?.length ?? 0);
      this.#total = Math.max(this.#total, end, event.total ?? 0);
      return;
    }
    if (offset !== undefined && data !== undefined) {
      this.#total = Math.max(this.#total, offset + data.length);
      if (offset <= this.end && offset + data.length > this.end) {
        this.text.append(data.subarray(this.end - offset));
        this.end = offset + data.length;
        this.onChange();
      }
    }
    this.#total = Math.max(this.#total, event.total ?? 0);
    void this.#catchUp();
  }

  /** Something may have been missed: look how long the log is now. */
  async refresh(): Promise<void> {
    if (!this.ready) {
      return this.open();
    }
    this.#total = Math.max(this.#total, this.end + 1);
    await this.#catchUp();
  }

  /** Read the stretch before what is here. */
  async earlier(): Promise<void> {
    if (this.start === 0) {
      return;
    }
    await this.#guard(async signal => {
      const from = Math.max(0, this.start - STEP);
      const chunk = await this.read(from, this.start - from, signal);
      const cut = from === 0 ? 0 : afterNewline(chunk.data);
      const before = new LogText();
      before.append(chunk.data.subarray(cut));
      this.text.prepend(before);
      this.start = from + cut;
    });
  }

  dispose(): void {
    this.#abort.abort();
  }

  #restart(chunk: ILogChunk): void {
    // A tail begins in the middle of a line: begin with the next one.
    const cut = chunk.offset === 0 ? 0 : afterNewline(chunk.data);
    this.text = new LogText();
    this.text.append(chunk.data.subarray(cut));
    this.start = chunk.offset + cut;
    this.end = chunk.offset + chunk.data.length;
    this.dropped = chunk.dropped;
  }

  async #catchUp(): Promise<void> {
    while (this.ready && !this.#busy && this.#total > this.end) {
      const before = this.end;
      await this.#guard(async signal => {
        if (this.#total - this.end > SKIP) {
          this.#restart(await this.read(-TAIL, TAIL, signal));
          return;
        }
        const chunk = await this.read(this.end, STEP, signal);
        // Pushed bytes may have come in while this was on its way.
        const skip = this.end - chunk.offset;
        if (skip >= 0 && skip < chunk.data.length) {
          this.text.append(chunk.data.subarray(skip));
          this.end = chunk.offset + chunk.data.length;
        }
        this.#total = chunk.total;
        this.dropped = chunk.dropped;
      });
      if (this.end === before) {
        return;
      }
    }
  }

  async #guard(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      await work(this.#abort.signal);
      this.error = null;
    } catch (error) {
      if (error instanceof StudioError && error.code === 'aborted') {
        return;
      }
      this.error = error;
    } finally {
      this.#busy = false;
    }
    if (!this.#abort.signal.aborted) {
      this.onChange();
    }
  }

  readonly #abort = new AbortController();
  #busy = false;
  #total = 0;
}

/** Index after the first newline; 0 when there is none. */
function afterNewline(data: Uint8Array): number {
  return data.indexOf(10) + 1;
}
