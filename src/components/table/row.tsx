/** One row of the table: pinned cells stay at the left, the others stand where their column is. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import {
  cellClass,
  CellText,
  fits,
  plainClass,
  plainText,
  Swatch,
  type IPlacedColumn,
  type ISwatch
} from './cell';
import { shownStatus } from '../common/states';
import type { IRowSource } from './rowSource';
import { UserText } from '../common/text';
import { formatCell, type Cell } from './values';

export const ROW_HEIGHT = 24;
export const CHECK_WIDTH = 34;
const FLASH_MS = 1200;

export interface ITableRowProps {
  readonly source: IRowSource;
  /** Only here to draw again when values changed. */
  readonly version: number;
  readonly row: number;
  readonly name: string | undefined;
  readonly top: number;
  readonly pinned: readonly IPlacedColumn[];
  readonly center: readonly IPlacedColumn[];
  readonly pinnedWidth: number;
  readonly selected: boolean;
  /** The column of this row that takes the tab key, or -1. */
  readonly tabCol: number;
  readonly swatch: ISwatch | undefined;
  /** How many groups the row stands in. */
  readonly level: number;
  readonly trans: TranslationBundle;
}

function flash(source: IRowSource, row: number, key: string): string {
  const at = source.changedAt(row, key);
  if (at === 0 || performance.now() - at > FLASH_MS) {
    return '';
  }
  // Two names for one animation: a second change starts it again.
  return Math.floor(at) % 2 === 0 ? ' jp-mod-flashA' : ' jp-mod-flashB';
}

/** What is in progress without having started is shown as what it is: waiting. */
function shown(
  props: Pick<ITableRowProps, 'source' | 'row'>,
  key: string,
  value: Cell
): Cell {
  return key === 'status' && typeof value === 'string'
    ? shownStatus(value, props.source.cell(props.row, 'started'))
    : value;
}

/** A star to click; the keyboard has S, so it is no stop of its own. */
function Star(props: {
  on: boolean;
  name: string | undefined;
  trans: TranslationBundle;
}): JSX.Element {
  const { on, trans } = props;
  const name = (props.name ?? '').slice(0, 120);
  return (
    <span
      className={`jp-Mlstudio-tableStar${on ? ' jp-mod-on' : ''}`}
      data-edit=""
      role="img"
      aria-label={on ? trans.__('Starred') : trans.__('Not starred')}
      title={
        on
          ? trans.__('Take the star of %1 away (S)', name)
          : trans.__('Star %1 (S)', name)
      }
    >
      {on ? '★' : '☆'}
    </span>
  );
}

interface IBodyCellProps extends Pick<
  ITableRowProps,
  'source' | 'version' | 'row' | 'name' | 'swatch' | 'level' | 'trans'
> {
  readonly placed: IPlacedColumn;
  /** Whether it is the tab stop. */
  readonly tab: boolean;
}

/** Pixels that a name has to leave for the line sample, and for each group it stands in. */
const [SAMPLE, INDENT] = [24, 12];

function nameClass(props: IBodyCellProps, value: Cell): string {
  const { source, level, placed } = props;
  const room = placed.width - SAMPLE - level * INDENT;
  const known = typeof value === 'string' && fits(source.labelOf(value), room);
  return known ? ' jp-mod-name jp-mod-fits' : ' jp-mod-name';
}

/** Indentation, line sample and link of a row. */
function NameCell(props: IBodyCellProps & { value: Cell }): JSX.Element {
  const { source, value, level, swatch, placed } = props;
  return (
    <>
      {level > 0 && <span style={{ flex: 'none', width: level * INDENT }} />}
      <Swatch swatch={swatch} />
      <span
        className="jp-Mlstudio-tableLink"
        data-open=""
        title={String(value ?? '').slice(0, 300)}
      >
        <CellText
          value={typeof value === 'string' ? source.labelOf(value) : value}
          format={placed.format}
        />
      </span>
    </>
  );
}

/** A column that comes into sight adds a cell to each row: the others stay as they are. */
const BodyCell = React.memo((props: IBodyCellProps): JSX.Element => {
  const { source, row, placed, trans } = props;
  const { column, format, index, width } = placed;
  const value = source.cell(row, column.key);
  const isName = column.key === 'name';
  const plain = isName ? null : plainText(value, format);
  const cut = plain !== null && !fits(plain, width);
  return (
    <div
      role={isName ? 'rowheader' : 'gridcell'}
      aria-colindex={index + 1}
      data-row={row}
      data-col={index}
      tabIndex={props.tab ? 0 : -1}
      title={cut ? plain.slice(0, 300) : undefined}
      className={
        cellClass(format, value) +
        (isName ? nameClass(props, value) : '') +
        (plain === null ? '' : plainClass(value, cut)) +
        flash(source, row, column.key)
      }
      style={{ width }}
    >
      {isName ? (
        <NameCell {...props} value={value} />
      ) : plain !== null ? (
        typeof value === 'string' && value !== '' ? (
          <UserText text={plain} />
        ) : (
          plain
        )
      ) : column.key === 'starred' ? (
        <Star
          on={formatCell(value, 'flag') !== ''}
          name={props.name}
          trans={trans}
        />
      ) : (
        <CellText value={shown(props, column.key, value)} format={format} />
      )}
    </div>
  );
});
BodyCell.displayName = 'BodyCell';

/**
 * The cells of scrolling columns with the room of those that are not drawn before them. They stand
 * one beside the other: a box of its own place is a layer to paint, and hundreds of them are slow.
 */
export function spaced(
  center: readonly IPlacedColumn[],
  pinnedWidth: number,
  draw: (placed: IPlacedColumn) => JSX.Element
): JSX.Element[] {
  let end = pinnedWidth;
  let gaps = 0;
  return center.flatMap(placed => {
    const width = placed.left - end;
    end = placed.left + placed.width;
    const drawn = draw(placed);
    if (width <= 0) {
      return [drawn];
    }
    gaps += 1;
    return [
      <div
        key={gaps}
        role="presentation"
        className="jp-Mlstudio-tableGap"
        style={{ width }}
      />,
      drawn
    ];
  });
}

export const TableRow = React.memo((props: ITableRowProps): JSX.Element => {
  const { source, version, row, name, selected, swatch, level, trans } = props;
  const cell = (placed: IPlacedColumn): JSX.Element => (
    <BodyCell
      key={placed.column.key}
      source={source}
      version={version}
      row={row}
      name={name}
      swatch={placed.column.key === 'name' ? swatch : undefined}
      level={level}
      trans={trans}
      placed={placed}
      tab={props.tabCol === placed.index}
    />
  );
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-level={level > 0 ? level + 1 : undefined}
      aria-selected={selected}
      className={`jp-Mlstudio-tableRow${selected ? ' jp-mod-selected' : ''}${row % 2 ? ' jp-mod-odd' : ''}`}
      style={{ top: props.top, height: ROW_HEIGHT }}
    >
      <div
        role="presentation"
        className="jp-Mlstudio-tablePinned"
        style={{ width: props.pinnedWidth }}
      >
        <div
          role="gridcell"
          aria-colindex={1}
          data-row={row}
          data-col={0}
          tabIndex={props.tabCol === 0 ? 0 : -1}
          className="jp-Mlstudio-tableCell jp-mod-check"
          style={{ width: CHECK_WIDTH }}
        >
          <input
            type="checkbox"
            tabIndex={-1}
            checked={selected}
            readOnly
            aria-label={trans.__('Select %1', (name ?? '').slice(0, 120))}
          />
        </div>
        {props.pinned.map(cell)}
      </div>
      {spaced(props.center, props.pinnedWidth, cell)}
    </div>
  );
});
TableRow.displayName = 'TableRow';
