/** One cell as text: numbers aligned, missing values faint, names isolated, statuses with a sign. */
import * as React from 'react';

import { Status } from '../common/Status';
import { UserText } from '../common/text';
import type { ColumnFormat, IColumn } from './columns';
import { formatCell, type Cell } from './values';

/** A column with its place on the screen. */
export interface IPlacedColumn {
  readonly column: IColumn;
  readonly format: ColumnFormat;
  readonly label: string;
  /** Pixels from the left edge of its region. */
  readonly left: number;
  readonly width: number;
  /** Place among all drawn columns, the check boxes being 0. */
  readonly index: number;
}

/** The line sample beside a name: which curve is this row's. */
export interface ISwatch {
  readonly color: string;
  readonly dash: readonly number[];
}

export function cellClass(format: ColumnFormat, value: Cell): string {
  const number = format === 'number' || format === 'duration';
  const odd = typeof value === 'number' && !Number.isFinite(value);
  return (
    'jp-Mlstudio-tableCell' +
    (number ? ' jp-mod-number' : '') +
    (odd ? ' jp-mod-odd' : '')
  );
}

export function CellText(props: {
  value: Cell;
  format: ColumnFormat;
}): JSX.Element {
  const { value, format } = props;
  if (value === undefined) {
    return <span className="jp-Mlstudio-tablePlaceholder" aria-hidden="true" />;
  }
  if (value === null || value === '') {
    return <span className="jp-Mlstudio-tableMissing">–</span>;
  }
  if (format === 'status' && typeof value === 'string') {
    return <Status status={value} words />;
  }
  const text = formatCell(value, format);
  if (typeof value === 'string') {
    return <UserText text={text} />;
  }
  return <span title={text}>{text}</span>;
}

/** A short piece of a row's curve: colour and dashes as in the charts. */
export function Swatch(props: { swatch: ISwatch | undefined }): JSX.Element {
  const { swatch } = props;
  return (
    <svg
      className="jp-Mlstudio-swatch"
      width="18"
      height="8"
      aria-hidden="true"
    >
      {swatch !== undefined && (
        <line
          x1="1"
          x2="17"
          y1="4"
          y2="4"
          stroke={swatch.color}
          strokeWidth="2.5"
          strokeDasharray={swatch.dash.map(d => d / 1.5).join(' ')}
        />
      )}
    </svg>
  );
}
