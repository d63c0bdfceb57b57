/** Values under the cursor, highest first. */
import * as React from 'react';

import { UserText } from '../common/text';
import { Swatch } from '../table/cell';
import { formatNumber } from '../table/values';
import { valueAt } from './plot';

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

const SHOWN = 12;

export function Tooltip(props: { tip: ITooltip; width: number }): JSX.Element {
  const { tip, width } = props;
  const rows = tip.rows
    .map(row => ({ ...row, value: valueAt(row.column, row.index) }))
    .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  const more = rows.length > SHOWN ? `+${rows.length - SHOWN}` : '';
  const right = tip.left > width / 2;
  const style = right
    ? { right: width - tip.left + 12 }
    : { left: tip.left + 12 };
  return (
    <div className="jp-Mlstudio-tooltip" aria-hidden="true" style={style}>
      <strong>{tip.title}</strong>
      {rows.slice(0, SHOWN).map((row, i) => (
        <div key={i}>
          <Swatch swatch={row} />
          <span className="jp-Mlstudio-tooltipValue">
            {row.value === null ? 'NaN' : formatNumber(row.value)}
          </span>
          <UserText text={row.label} max={40} />
        </div>
      ))}
      {more !== '' && <div>{more}</div>}
    </div>
  );
}
