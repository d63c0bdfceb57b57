/**
 * One chart a frame: charts that changed wait for their turn, so that twenty of them drawing live
 * points leave the page free to scroll and type in between.
 *
 * A chart that is dear to draw is drawn less often: it rests about twice as long as drawing took,
 * unless somebody waits for what is to be drawn.
 */
interface IWaiting {
  readonly draw: () => void;
  from: number;
  readonly done: (cost: number) => void;
}

const queue: IWaiting[] = [];
let frame = 0;
/** A chart never rests longer. */
const LONGEST = 600;

function next(): void {
  frame = 0;
  const now = performance.now();
  const at = queue.findIndex(one => one.from <= now);
  const one = at < 0 ? undefined : queue.splice(at, 1)[0];
  if (one !== undefined) {
    one.draw();
    // The work is done when the browser is free again.
    setTimeout(() => one.done(performance.now() - now), 0);
  }
  if (queue.length > 0) {
    frame = requestAnimationFrame(next);
  }
}

/** The turns of one chart. */
export class Pacer {
  constructor(private readonly draw: () => void) {}

  /** Draw soon, or (`awaited`) with the next frame; asked for again before that, it is drawn once. */
  ask(awaited = false): void {
    if (this.waiting !== null && awaited) {
      this.waiting.from = 0;
    }
    if (this.waiting !== null || this.gone) {
      return;
    }
    this.waiting = {
      draw: () => {
        this.waiting = null;
        this.draw();
      },
      from: awaited ? 0 : this.rested,
      done: cost => {
        this.rested = performance.now() + Math.min(LONGEST, 2 * cost);
      }
    };
    queue.push(this.waiting);
    frame = frame === 0 ? requestAnimationFrame(next) : frame;
  }

  dispose(): void {
    this.gone = true;
    const at = this.waiting === null ? -1 : queue.indexOf(this.waiting);
    if (at >= 0) {
      queue.splice(at, 1);
    }
    this.waiting = null;
  }

  private waiting: IWaiting | null = null;
  private rested = 0;
  private gone = false;
}
