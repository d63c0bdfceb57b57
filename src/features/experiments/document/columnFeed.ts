/**
 * The server's list of columns, kept true.
 *
 * It may be long and does not depend on the query: it is read once, and again when an event says
 * that it changed. A new query does not give such a reading up, only the end of the document does.
 */
import type { IColumnList } from './columnList';
import type { RowsReader } from './rowsReader';

const WAIT_MS = 400;
/** The list may take seconds: rows wait so long for it, then they come without its columns at first. */
const LIST_MS = 250;

/** Wait for the list, but not long; whoever asked for it waits for its end. */
export async function awhile(listed: Promise<void>): Promise<void> {
  listed.catch(() => undefined); // The rows may fail before anybody waits for it.
  await Promise.race([
    listed,
    new Promise(resolve => setTimeout(resolve, LIST_MS))
  ]);
}

export class ColumnFeed {
  constructor(
    private readonly reader: RowsReader,
    private readonly take: (list: IColumnList) => void
  ) {}

  /** Read the list unless it is known. */
  async first(signal: AbortSignal): Promise<void> {
    if (!this.known) {
      const list = await this.reader.columns(signal);
      this.known = true;
      this.take(list);
    }
  }

  /** It changed: read it again, soon, and once for many changes. */
  again(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.busy) {
        this.again();
      } else {
        void this.read();
      }
    }, WAIT_MS);
  }

  dispose(): void {
    this.life.abort();
    clearTimeout(this.timer);
  }

  private async read(): Promise<void> {
    this.busy = true;
    try {
      this.take(await this.reader.columns(this.life.signal));
    } catch {
      // Rows are read again when the server is back; they ask for their columns, too.
      this.known = false;
    } finally {
      this.busy = false;
    }
  }

  private readonly life = new AbortController();
  private known = false;
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
