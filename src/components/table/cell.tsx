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

/** Pixels at both sides of a cell's text. */
const PADDING = 16;
/** Pixels of characters in the widest of usual fonts, at 13 pixels. */
const [THIN, USUAL, WIDE] = [5.5, 8.3, 13];

function widthOf(code: number): number {
  const letter = String.fromCharCode(code);
  const wide = (code >= 64 && code <= 90) || '%mw'.includes(letter);
  return wide ? WIDE : " !'(),-./:;[]fijlrt|".includes(letter) ? THIN : USUAL;
}

const WIDTHS = Float64Array.from({ length: 127 }, (_, code) =>
  code < 32 ? Infinity : widthOf(code)
);

/**
 * Whether a text has room in so many pixels whatever the font is. Where it has, nothing needs to be
 * clipped: a clip for each of some hundred cells is what scrolling costs most.
 */
export function fits(text: string, width: number): boolean {
  const room = width - PADDING;
  let need = 0;
  for (let i = 0; i < text.length && need <= room; i++) {
    // Of other scripts nothing is known.
    need += WIDTHS[text.charCodeAt(i)] ?? Infinity;
  }
  return need <= room;
}

/** What stands in a cell that is nothing but text; null where it needs more than that. */
export function plainText(value: Cell, format: ColumnFormat): string | null {
  if (value === null || value === '') {
    return '–';
  }
  const more = value === undefined || format === 'status' || format === 'flag';
  return more ? null : formatCell(value, format);
}

/** Classes of a cell of nothing but text. */
export function plainClass(value: Cell, cut: boolean): string {
  const missing = value === null || value === '';
  return (
    ' jp-mod-plain' +
    (missing ? ' jp-Mlstudio-tableMissing' : '') +
    (cut ? ' jp-mod-cut' : '')
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
  return swatch === undefined ? (
    <span className="jp-Mlstudio-swatch" />
  ) : (
    <svg
      className="jp-Mlstudio-swatch"
      width="18"
      height="8"
      aria-hidden="true"
    >
      <line
        x1="1"
        x2="17"
        y1="4"
        y2="4"
        stroke={swatch.color}
        strokeWidth="2.5"
        strokeDasharray={swatch.dash.map(d => d / 1.5).join(' ')}
      />
    </svg>
  );
}
