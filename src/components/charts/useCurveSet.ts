/** A CurveSet for the life of a chart. */
import * as React from 'react';

import { useStudio } from '../common/context';
import {
  CurveSet,
  seriesKey,
  type ISeriesId,
  type Range,
  type XKind
} from './curves';
import { Pacer } from './pacer';

export interface ICurveUse {
  readonly series: readonly ISeriesId[];
  readonly x: XKind;
  readonly smooth: number;
  readonly range: Range | null;
  readonly width: number;
  /** Points came of a context that is not drawn. */
  readonly onStranger?: (id: ISeriesId) => void;
}

/** Points of all curves of a chart together, about: more would not be told apart, only drawn. */
const MOST_POINTS = 30_000;

/** Points of one of `n` curves, in few steps so that one run more does not ask for all again. */
function shareOf(n: number): number {
  const steps = n <= 25 ? 25 : n <= 50 ? 50 : 100;
  return Math.floor(MOST_POINTS / steps);
}

/** `version` grows when there is something new to draw. */
export function useCurveSet(use: ICurveUse): {
  set: CurveSet;
  version: number;
} {
  const { api, live } = useStudio();
  const [version, setVersion] = React.useState(0);
  const stranger = React.useRef(use.onStranger);
  stranger.current = use.onStranger;
  const { set, pacer } = React.useMemo(() => {
    const turns = new Pacer(() => setVersion(v => v + 1));
    const made = new CurveSet(
      api,
      live,
      answered => turns.ask(answered),
      id => stranger.current?.(id)
    );
    return { set: made, pacer: turns };
  }, [api, live]);
  React.useEffect(
    () => () => {
      pacer.dispose();
      set.dispose();
    },
    [set, pacer]
  );
  const { series, x, smooth, range, width } = use;
  const key = series.map(seriesKey).join('\n');
  // Not for every pixel of a drag: steps of 200.
  const pixels = Math.min(
    Math.max(400, Math.ceil(width / 200) * 200),
    shareOf(series.length)
  );
  const [from, to] = range ?? [NaN, NaN];
  React.useEffect(() => {
    if (width > 0) {
      set.ask({ series, x, smooth, range, width: pixels });
    }
  }, [set, key, x, smooth, from, to, pixels, width > 0]);
  return { set, version };
}
