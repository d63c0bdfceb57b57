/** Curves of several metrics with one x axis: one cursor and one zoom over all of them. */
import * as React from 'react';

import type { ISeriesId, Range, XKind } from '../charts';
import { measureOf, useQuiet, useStudio } from '../common';
import { unionOf } from './series';

const LineChart = React.lazy(async () => ({
  default: (await import('../charts')).LineChart
}));

/** Curves drawn before "show all" is asked for. */
const FIRST = 8;

/** One chart. */
export interface ICurveGroup {
  readonly title: string;
  readonly series: readonly ISeriesId[];
}

/** A part of the grid with its own heading. */
export interface ICurvePart {
  readonly title: string;
  readonly groups: readonly ICurveGroup[];
  /** Its steps count something else than those of the other parts. */
  readonly ownSteps?: boolean;
}

interface ICurveGridProps {
  readonly parts: readonly ICurvePart[];
  /** Charts of one key share their cursor. */
  readonly syncKey: string;
  /** What x is at first; by default the clock's time where steps have nothing in common. */
  readonly x?: XKind;
}

interface IPartProps {
  readonly part: ICurvePart;
  readonly heading: boolean;
  readonly chart: (group: ICurveGroup) => React.ReactNode;
}

function Part(props: IPartProps): React.ReactElement {
  const { trans } = useStudio();
  const [all, setAll] = React.useState(false);
  const { groups, title } = props.part;
  const shown = all ? groups : groups.slice(0, FIRST);
  return (
    <>
      {props.heading && <h3 className="jp-Mlstudio-curves-title">{title}</h3>}
      <div className="jp-Mlstudio-curves">{shown.map(props.chart)}</div>
      {shown.length < groups.length && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 curves', groups.length)}
        </button>
      )}
    </>
  );
}

interface ILook {
  readonly x: XKind;
  readonly log: boolean;
  readonly smooth: number;
}

function Bar(props: {
  readonly look: ILook;
  readonly onLook: (look: ILook) => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const { look, onLook } = props;
  return (
    <div className="jp-Mlstudio-chartbar">
      <label>
        {trans.__('x')}{' '}
        <select
          value={look.x}
          onChange={event =>
            onLook({ ...look, x: event.target.value as XKind })
          }
        >
          <option value="step">{trans.__('step')}</option>
          <option value="relative">{trans.__('time since start')}</option>
          <option value="time">{trans.__('time of day')}</option>
        </select>
      </label>
      <label>
        {trans.__('smoothing')}{' '}
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={look.smooth}
          onChange={event =>
            onLook({ ...look, smooth: Number(event.target.value) })
          }
        />
      </label>
      <label className="jp-Mlstudio-check">
        <input
          type="checkbox"
          checked={look.log}
          onChange={event => onLook({ ...look, log: event.target.checked })}
        />
        {trans.__('log scale')}
      </label>
    </div>
  );
}

/** The times that all charts take together: the same moment stands at the same place in each. */
function useSharedSpan(
  wanted: XKind
): [Range | null, (chart: string, span: Range, x: XKind) => void] {
  const [told, setTold] = React.useState<ReadonlyMap<string, Range>>(new Map());
  const tell = (chart: string, span: Range, x: XKind): void => {
    // Steps of training and samples of the machine share no axis.
    if (x !== 'step') {
      setTold(now => new Map(now).set(`${x} ${chart}`, span));
    }
  };
  const spans = [...told].flatMap(([key, span]) =>
    key.startsWith(`${wanted} `) ? [span] : []
  );
  return [unionOf(spans), tell];
}

/** The charts under one bar of controls. */
export function CurveGrid(props: ICurveGridProps): React.ReactElement {
  const { trans } = useStudio();
  const parts = props.parts.filter(part => part.groups.length > 0);
  const mixed = parts.length > 1 && parts.some(part => part.ownSteps);
  const [look, setLook] = React.useState<ILook>({
    // Steps of training and samples of the machine have only the time in common.
    x: props.x ?? (mixed ? 'time' : 'step'),
    log: false,
    smooth: 0
  });
  // The slider moves at once; the server is asked when it rests.
  const smooth = useQuiet(look.smooth, 200);
  const [range, setRange] = React.useState<Range | null>(null);
  const [span, tellSpan] = useSharedSpan(look.x);
  const chart = (group: ICurveGroup, own: boolean): React.ReactNode => {
    const measure = measureOf(group.title, trans);
    return (
      <LineChart
        key={group.title}
        title={measure?.label ?? group.title}
        raw={group.title}
        unit={measure?.unit}
        series={group.series}
        x={look.x}
        log={look.log}
        smooth={smooth}
        range={own && look.x === 'step' ? undefined : range}
        onRange={own && look.x === 'step' ? undefined : setRange}
        span={look.x === 'step' ? undefined : span}
        onSpan={(taken, x) => tellSpan(group.title, taken, x)}
        syncKey={
          own && look.x === 'step' ? `${props.syncKey}/own` : props.syncKey
        }
      />
    );
  };
  return (
    <>
      <Bar
        look={look}
        onLook={next => {
          if (next.x !== look.x) {
            setRange(null);
          }
          setLook(next);
        }}
      />
      <React.Suspense
        fallback={
          <p className="jp-Mlstudio-note">{trans.__('Loading charts…')}</p>
        }
      >
        {parts.map(part => (
          <Part
            key={part.title}
            part={part}
            heading={parts.length > 1}
            chart={group => chart(group, part.ownSteps ?? false)}
          />
        ))}
      </React.Suspense>
    </>
  );
}
