/** Values under the cursor, highest first. */
import * as React from 'react';

import { UserText } from '../common/text';
import { Swatch } from '../table/cell';
import type { Unit } from '../common/measures';
import { valueAt } from './plot';
import { shortLabels } from './shortLabels';
import { formatValue } from './ticks';

export interface ITooltip {
  /** Pixels from the chart's left edge. */
  readonly left: number;
  /** The x value. */
  readonly title: string;
  readonly rows: readonly {
    readonly label: string;
    readonly color: string;
    readonly dash: readonly number[];
    readonly column: ArrayLike<number | null | undefined>;
    readonly index: number;
  }[];
}

interface ITooltipProps {
  readonly tip: ITooltip;
  readonly width: number;
  /** Whether the pointer is over this chart; the others of its group show values alone. */
  readonly full: boolean;
  readonly unit?: Unit;
}

const SHOWN = 12;
export function Tooltip(props: ITooltipProps): JSX.Element {
  const { tip, width, full } = props;
  const labels = shortLabels(tip.rows.map(row => row.label));
  const rows = tip.rows
    .map((row, i) => ({
      ...row,
      label: labels[i],
      value: valueAt(row.column, row.index)
    }))
    .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  const more = rows.length > SHOWN ? `+${rows.length - SHOWN}` : '';
  const box = React.useRef<HTMLDivElement>(null);
  const [own, setOwn] = React.useState(0);
  React.useLayoutEffect(() => setOwn(box.current?.offsetWidth ?? 0));
  // Beside the cursor, on the side with more room, and inside the chart.
  const side = tip.left > width / 2 ? tip.left - own - 12 : tip.left + 12;
  const left = Math.max(0, Math.min(width - own, side));
  return (
    <div
      ref={box}
      className="jp-Mlstudio-tooltip"
      aria-hidden="true"
      style={{ left }}
    >
      <strong>{tip.title}</strong>
      {rows.slice(0, SHOWN).map((row, i) => (
        <div key={i}>
          <Swatch swatch={row} />
          <span className="jp-Mlstudio-tooltipValue">
            {formatValue(row.value ?? NaN, props.unit)}
          </span>
          {full && <UserText text={row.label} max={32} />}
        </div>
      ))}
      {more !== '' && <div>{more}</div>}
    </div>
  );
}
