/** One small chart per metric for the selected runs, with one cursor and one zoom for all. */
import * as React from 'react';

import {
  LineChart,
  palette,
  useChartTheme,
  type Range,
  type XKind
} from '../../../components/charts';
import { UserText, useStudio } from '../../../components/common';
import { Popover, Swatch } from '../../../components/table';
import type { IChartsPaneProps } from './chartsPane';
import { metricNames, shownMetrics } from './chooseColumns';
import type { ICurvesView } from './viewState';

const LEGEND = 24;
/** Longer ones may scroll: the charts are what the pane is for. */
const SHORT_LEGEND = 6;

export function CurvesTab(props: IChartsPaneProps): JSX.Element {
  const { runs, columns, view, visible, rows, selection } = props;
  const { trans } = useStudio();
  const [range, setRange] = React.useState<Range | null>(null);
  const sync = React.useId();
  const all = React.useMemo(() => metricNames(columns), [columns]);
  const metrics = shownMetrics(all, view.curves.metrics);
  const set = (change: Partial<ICurvesView>): void =>
    props.onView(v => ({ ...v, curves: { ...v.curves, ...change } }));
  React.useEffect(() => setRange(null), [view.curves.x]);
  const labelOf = (name: string): string => rows.labelOf(name);
  const note =
    selection.size > runs.length
      ? trans.__('the first %1 of %2 selected', runs.length, selection.size)
      : selection.size === 0 && rows.count > runs.length
        ? trans.__('the first %1 rows; select rows to choose', runs.length)
        : '';
  return (
    <div className="jp-Mlstudio-curvesTab">
      <Controls
        curves={view.curves}
        all={all}
        metrics={metrics}
        onChange={set}
      />
      <Legend runs={runs} labelOf={labelOf} note={note} />
      {runs.length === 0 && (
        <p className="jp-Mlstudio-chartNote">
          {trans.__('No trial to draw yet.')}
        </p>
      )}
      {runs.length > 0 && metrics.length === 0 && (
        <p className="jp-Mlstudio-chartNote">
          {all.length === 0
            ? trans.__(
                'No metric was logged yet. Curves appear with the first one.'
              )
            : trans.__('Choose a metric to draw.')}
        </p>
      )}
      <div className="jp-Mlstudio-curveGrid">
        {runs.length > 0 &&
          metrics.map(name => (
            <LineChart
              key={name}
              title={name}
              series={runs.map(component => ({
                component,
                name,
                label: labelOf(component)
              }))}
              x={view.curves.x}
              smooth={view.curves.smooth}
              log={view.curves.log}
              visible={visible}
              range={range}
              onRange={setRange}
              syncKey={`mlstudio-${sync}`}
            />
          ))}
      </div>
    </div>
  );
}

/** Which line is whose; long lists are cut, the table's swatches have them all. */
function Legend(props: {
  runs: readonly string[];
  labelOf: (name: string) => string;
  note: string;
}): JSX.Element {
  const { runs, labelOf, note } = props;
  const { trans } = useStudio();
  const theme = useChartTheme();
  return (
    <>
      <ul
        className="jp-Mlstudio-legend"
        aria-label={trans.__('Legend')}
        tabIndex={runs.length > SHORT_LEGEND ? 0 : undefined}
      >
        {runs.slice(0, LEGEND).map(name => {
          const { slot, dash } = palette.styleOf(name);
          return (
            <li key={name}>
              <Swatch swatch={{ color: theme.series[slot - 1], dash }} />
              <UserText text={labelOf(name)} max={56} />
            </li>
          );
        })}
        {runs.length > LEGEND && <li>+{runs.length - LEGEND}</li>}
      </ul>
      {note !== '' && <p className="jp-Mlstudio-hint">{note}</p>}
    </>
  );
}

interface IControlsProps {
  readonly curves: ICurvesView;
  readonly all: readonly string[];
  readonly metrics: readonly string[];
  onChange(change: Partial<ICurvesView>): void;
}

function Controls(props: IControlsProps): JSX.Element {
  const { curves, all, metrics, onChange } = props;
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  return (
    <div className="jp-Mlstudio-chartControls">
      <button
        type="button"
        className="jp-Mlstudio-button"
        aria-haspopup="dialog"
        onClick={event => setAnchor(event.currentTarget)}
      >
        {trans.__('Metrics (%1 of %2)', metrics.length, all.length)}
      </button>
      <label>
        {trans.__('x')}
        <select
          className="jp-Mlstudio-select"
          aria-label={trans.__('Horizontal axis')}
          value={curves.x}
          onChange={event => onChange({ x: event.target.value as XKind })}
        >
          <option value="step">{trans.__('step')}</option>
          <option value="time">{trans.__('time')}</option>
          <option value="relative">{trans.__('since start')}</option>
        </select>
      </label>
      <Smoothing
        value={curves.smooth}
        onValue={smooth => onChange({ smooth })}
      />
      <label>
        <input
          type="checkbox"
          checked={curves.log}
          onChange={event => onChange({ log: event.target.checked })}
        />
        {trans.__('log scale')}
      </label>
      {anchor !== null && (
        <MetricMenu
          anchor={anchor}
          all={all}
          metrics={metrics}
          onMetrics={chosen => onChange({ metrics: chosen })}
          onClose={close}
        />
      )}
    </div>
  );
}

/** The slider moves at once; the server is asked when it rests. */
function Smoothing(props: {
  value: number;
  onValue(value: number): void;
}): JSX.Element {
  const { trans } = useStudio();
  const [value, setValue] = React.useState(props.value);
  React.useEffect(() => setValue(props.value), [props.value]);
  React.useEffect(() => {
    if (value === props.value) {
      return;
    }
    const timer = setTimeout(() => props.onValue(value), 200);
    return () => clearTimeout(timer);
  }, [value]);
  return (
    <label>
      {trans.__('smoothing')}
      <input
        type="range"
        min={0}
        max={0.99}
        step={0.01}
        value={value}
        aria-valuetext={value.toFixed(2)}
        onChange={event => setValue(Number(event.target.value))}
      />
      <output>{value.toFixed(2)}</output>
    </label>
  );
}

function MetricMenu(props: {
  anchor: HTMLElement;
  all: readonly string[];
  metrics: readonly string[];
  onMetrics(metrics: readonly string[]): void;
  onClose(): void;
}): JSX.Element {
  const { all, metrics, onMetrics } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const found = all.filter(name =>
    name.toLowerCase().includes(text.trim().toLowerCase())
  );
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Metrics')}
      onClose={props.onClose}
    >
      <input
        type="search"
        className="jp-Mlstudio-input"
        value={text}
        placeholder={trans.__('Find a metric…')}
        aria-label={trans.__('Find a metric')}
        onChange={event => setText(event.target.value)}
      />
      <div className="jp-Mlstudio-columnList">
        {found.slice(0, 200).map(name => (
          <label key={name} className="jp-Mlstudio-columnItem">
            <input
              type="checkbox"
              checked={metrics.includes(name)}
              onChange={event =>
                onMetrics(
                  event.target.checked
                    ? [...metrics, name]
                    : metrics.filter(m => m !== name)
                )
              }
            />
            <UserText text={name} max={60} />
          </label>
        ))}
        {found.length === 0 && (
          <p className="jp-Mlstudio-hint">
            {trans.__('No metric has this name.')}
          </p>
        )}
      </div>
    </Popover>
  );
}
