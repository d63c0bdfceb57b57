/**
 * Curves of one chart: asked from the server, kept alive by the socket.
 *
 * What is missing is asked for in parallel calls of at most 25 series; what is shown stays until
 * the answers are here. Live points are appended to typed arrays; after as many of them as a chart has pixels
 * the curve is asked for again, so that memory stays bounded and extremes exact.
 */
import { decodeCurves, decodePoints, type ICurve } from '../../api/decode';
import { asStudioError } from '../../api/errors';
import type { PointsEvent } from '../../api/types';
import type { ILiveEvent, ILiveEvents, IStudioApi } from '../../tokens';
import { CurveBuffer } from './buffer';

/** What runs along x; a metric is joined on the step by the server. */
export type XKind = 'step' | 'time' | 'relative' | `metric:${string}`;
export type Range = readonly [number, number];

/** A series of a component; `label` is what people read, by default the component's name. */
export interface ISeriesId {
  readonly component: string;
  readonly name: string;
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  readonly label?: string;
  /** Whose colour it has, by default the component's (or the label's, with a context). */
  readonly style?: string;
  /** Dashes that tell it from others of its colour. */
  readonly dash?: readonly number[];
}

/** What a chart wants to see. */
export interface ICurveAsk {
  readonly series: readonly ISeriesId[];
  readonly x: XKind;
  readonly range: Range | null;
  /** Pixels. */
  readonly width: number;
  /** 0 is none, below 1. */
  readonly smooth: number;
}

const PER_CALL = 25;
const REFRESH_MS = 1500;
/** Longer than a writer keeps points in its journal, where `/curves` does not see them. */
const IN_JOURNAL_MS = 8000;

export function seriesKey(id: ISeriesId): string {
  return JSON.stringify([id.component, id.name, contextKey(id.context)]);
}

function contextKey(context: object | undefined): string {
  return JSON.stringify(
    Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  );
}

export class CurveSet {
  constructor(
    private readonly api: IStudioApi,
    private readonly live: ILiveEvents | null,
    /** There is something new to draw: what was asked for, or else live points. */
    private readonly onChange: (answered: boolean) => void,
    private readonly onStranger: (id: ISeriesId) => void = () => undefined
  ) {}

  /** Why the last request failed, or null. */
  error: unknown = null;
  loading = false;
  /** The ask that `get` answers; its x kind is that of the axis. */
  shown: ICurveAsk | null = null;

  get(id: ISeriesId): CurveBuffer | undefined {
    return this.buffers.get(seriesKey(id));
  }

  /** Show this; asks the server for what is not here yet. */
  ask(ask: ICurveAsk): void {
    const params = JSON.stringify([ask.x, ask.range, ask.width, ask.smooth]);
    const same = params === this.params;
    this.params = params;
    this.wanted = ask;
    this.drawn = new Set(ask.series.map(seriesKey));
    this.listen(ask.series);
    // What is not drawn is not listened for: it would grow old.
    for (const key of [...this.buffers.keys()]) {
      if (!this.drawn.has(key)) {
        this.buffers.delete(key);
      }
    }
    const missing = same
      ? ask.series.filter(
          id =>
            !this.buffers.has(seriesKey(id)) && !this.asked.has(seriesKey(id))
        )
      : ask.series;
    if (!same) {
      this.abort.abort();
      this.abort = new AbortController();
      this.asked.clear();
    }
    if (missing.length === 0) {
      this.loading = this.asked.size > 0;
      if (!this.loading) {
        this.take(ask, [], [], !same);
      }
      this.onChange(true);
    } else {
      void this.fetch(ask, missing, !same);
    }
  }

  /** Ask for everything again. */
  refresh(): void {
    const ask = this.wanted;
    if (ask !== null) {
      this.params = '';
      this.ask(ask);
    }
  }

  dispose(): void {
    this.abort.abort();
    this.topics.forEach(one => one.dispose());
    this.topics.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async fetch(
    ask: ICurveAsk,
    missing: readonly ISeriesId[],
    replace: boolean
  ): Promise<void> {
    const { signal } = this.abort;
    missing.forEach(id => this.asked.add(seriesKey(id)));
    // What is shown stays as it is: to draw it again would only delay the answer's drawing.
    this.loading = true;
    try {
      const calls = Array.from(
        { length: Math.ceil(missing.length / PER_CALL) },
        async (_, i) => {
          const part = missing.slice(i * PER_CALL, (i + 1) * PER_CALL);
          const body = this.bodyOf(ask, part);
          const bytes = await this.api.postBytes('/curves', body, signal);
          return decodeCurves(bytes).series;
        }
      );
      const parts = await Promise.all(calls);
      if (signal.aborted) {
        return;
      }
      this.take(ask, missing, parts.flat(), replace);
      this.error = null;
    } catch (error) {
      if (signal.aborted || asStudioError(error).code === 'aborted') {
        return;
      }
      this.error = error;
      if (replace) {
        // What is here is not what these parameters would bring: the next ask is for everything.
        this.params = '';
      }
    }
    missing.forEach(id => this.asked.delete(seriesKey(id)));
    this.loading = this.asked.size > 0;
    this.onChange(true);
  }

  private bodyOf(ask: ICurveAsk, series: readonly ISeriesId[]): object {
    return {
      series: series.map(({ component, name, context }) => ({
        component,
        name,
        context: context ?? {}
      })),
      x: ask.x,
      range: ask.range,
      width: Math.round(Math.max(4, Math.min(4000, ask.width))),
      smooth: ask.smooth,
      exact: false
    };
  }

  private take(
    ask: ICurveAsk,
    missing: readonly ISeriesId[],
    curves: readonly ICurve[],
    replace: boolean
  ): void {
    if (replace) {
      // Others may have come by a newer request of the same parameters.
      missing.forEach(id => this.buffers.delete(seriesKey(id)));
      this.full = this.params;
    }
    const found = new Map(
      curves.map(curve => [seriesKey(curve as ISeriesId), curve])
    );
    for (const id of missing) {
      const key = seriesKey(id);
      const curve = found.get(key);
      if (curve === undefined || !this.drawn.has(key)) {
        continue;
      }
      // Live points come with absolute times.
      if (curve.start !== null) {
        this.starts.set(key, curve.start);
      } else {
        this.starts.delete(key);
      }
      this.buffers.set(key, CurveBuffer.of(curve, ask.smooth));
    }
    if (this.full === this.params) {
      this.shown = this.wanted;
    }
    this.late.forEach(one => this.appendAll(one.component, one.series));
  }

  private listen(series: readonly ISeriesId[]): void {
    const names = new Set(series.map(id => id.component));
    for (const [name, held] of this.topics) {
      if (!names.has(name)) {
        held.dispose();
        this.topics.delete(name);
      }
    }
    for (const name of names) {
      if (this.live !== null && !this.topics.has(name)) {
        this.topics.set(
          name,
          this.live.subscribe(`points:${name}`, event =>
            this.onEvent(name, event)
          )
        );
      }
    }
  }

  private onEvent(component: string, event: ILiveEvent): void {
    if (event.type !== 'append') {
      this.late = [];
      this.refreshSoon();
      return;
    }
    const { series } = event.data as { series?: PointsEvent[] };
    const all = Array.isArray(series) ? series : [];
    const now = performance.now();
    this.late = this.late.filter(({ at }) => now - at < IN_JOURNAL_MS);
    this.late.push({ at: now, component, series: all });
    if (this.appendAll(component, all)) {
      this.onChange(false);
    }
  }

  private appendAll(component: string, all: readonly PointsEvent[]): boolean {
    let changed = false;
    try {
      for (const points of all) {
        changed = this.append(component, points) || changed;
      }
    } catch {
      // A frame that does not add up: the server knows better.
      this.refreshSoon();
    }
    return changed;
  }

  private append(component: string, points: PointsEvent): boolean {
    const ask = this.shown;
    const id = {
      component,
      name: points.name,
      context: points.context
    } as ISeriesId;
    const key = seriesKey(id);
    if (ask === null || !this.drawn.has(key)) {
      this.meet(id);
      return false;
    }
    const buffer = this.buffers.get(key);
    if (buffer === undefined) {
      if (!this.asked.has(key)) {
        this.refreshSoon();
      }
      return false;
    }
    if (ask.x.startsWith('metric:')) {
      // Where on x a point stands only the server can tell: it joins two metrics.
      this.refreshSoon();
      return false;
    }
    const { step, ts, value } = decodePoints(points);
    const start = this.starts.get(key);
    if (ask.x === 'relative' && start === undefined) {
      // Nobody has said when it began, and it had no point: the server knows now.
      this.refreshSoon();
      return false;
    }
    let changed = false;
    for (let i = 0; i < step.length; i++) {
      const x =
        ask.x === 'step'
          ? step[i]
          : ask.x === 'time'
            ? ts[i]
            : ts[i] - (start ?? 0);
      if (ask.range === null || (x >= ask.range[0] && x <= ask.range[1])) {
        changed = buffer.push(x, value[i]) || changed;
      }
    }
    if (buffer.appended > 2 * ask.width) {
      this.refreshSoon();
    }
    return changed;
  }

  /** A point of a drawn metric, in a context that is not drawn. */
  private meet(id: ISeriesId): void {
    const key = seriesKey(id);
    const ask = this.shown;
    if (
      ask !== null &&
      !this.met.has(key) &&
      this.met.size < 1000 &&
      ask.series.some(one => one.name === id.name)
    ) {
      this.met.add(key);
      this.onStranger(id);
    }
  }

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.loading) {
        // To give up what is on its way for the next one, again and again, would show nothing new.
        this.refreshSoon();
      } else {
        this.refresh();
      }
    }, REFRESH_MS);
  }

  private buffers = new Map<string, CurveBuffer>();
  private starts = new Map<string, number>();
  private topics = new Map<string, { dispose(): void }>();
  private asked = new Set<string>();
  private met = new Set<string>();
  private params = '';
  /** Parameters of the last request for everything that was answered. */
  private full: string | null = null;
  private drawn = new Set<string>();
  /** Frames of the last seconds: an answer may not hold their points yet, so they are pushed again. */
  private late: {
    at: number;
    component: string;
    series: readonly PointsEvent[];
  }[] = [];
  private wanted: ICurveAsk | null = null;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
}
