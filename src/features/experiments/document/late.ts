/**
 * Events of components that came while a reading was on its way.
 *
 * The answer may be older than they are: they are applied once more on top of it.
 */
import type { ILiveEvent } from '../../../tokens';

export class Late {
  /** Collect from now on. */
  begin(): readonly ILiveEvent[] {
    const events: ILiveEvent[] = [];
    this.open.add(events);
    return events;
  }

  end(events: readonly ILiveEvent[]): void {
    this.open.delete(events as ILiveEvent[]);
  }

  keep(event: ILiveEvent): void {
    if (event.type.startsWith('component.')) {
      this.open.forEach(events => events.push(event));
    }
  }

  private open = new Set<ILiveEvent[]>();
}
