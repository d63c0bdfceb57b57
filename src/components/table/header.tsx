/**
 * The header of the table: a band of groups over the columns' titles.
 *
 * The band is decoration (the group is in each title's description); titles sort on click, are
 * dragged to reorder, have a grip to resize, and a button with all of it as a menu.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlacedColumn } from './cell';
import { groupLabel, type ColumnGroup, type ISortKey } from './columns';
import { CHECK_WIDTH } from './row';

export const BAND_HEIGHT = 20;
export const TITLE_HEIGHT = 28;
export const HEAD_HEIGHT = BAND_HEIGHT + TITLE_HEIGHT;
const DRAG_TYPE = 'application/x-mlstudio-column';

/** Title cells beyond the last one, for the drop of a column at the end. */
export interface ITableHeadProps {
  readonly pinned: readonly IPlacedColumn[];
  readonly center: readonly IPlacedColumn[];
  readonly bands: readonly IBand[];
  readonly pinnedWidth: number;
  readonly width: number;
  readonly sort: readonly ISortKey[];
  /** The column of the header that takes the tab key, or -1. */
  readonly tabCol: number;
  readonly allSelected: boolean;
  readonly someSelected: boolean;
  readonly trans: TranslationBundle;
  onSort(key: string, multi: boolean): void;
  onMenu(key: string, anchor: HTMLElement): void;
  /** Put a column before another, or after it. */
  onMove(key: string, beside: string, after: boolean): void;
  onResizeStart(key: string, event: React.MouseEvent | React.TouchEvent): void;
  onResizeReset(key: string): void;
}

/** Neighbouring columns of one group. */
export interface IBand {
  readonly group: ColumnGroup;
  readonly left: number;
  readonly width: number;
}

/** Runs of columns of the same group. */
export function bandsOf(columns: readonly IPlacedColumn[]): IBand[] {
  const bands: IBand[] = [];
  for (const { column, left, width } of columns) {
    const last = bands[bands.length - 1];
    if (last !== undefined && last.group === column.group) {
      bands[bands.length - 1] = { ...last, width: left + width - last.left };
    } else {
      bands.push({ group: column.group, left, width });
    }
  }
  return bands;
}

export function TableHead(props: ITableHeadProps): JSX.Element {
  const { pinned, center, pinnedWidth, trans } = props;
  return (
    <div
      role="rowgroup"
      className="jp-Mlstudio-tableHead"
      style={{ width: props.width, height: HEAD_HEIGHT }}
    >
      <div
        aria-hidden="true"
        className="jp-Mlstudio-tableBand"
        style={{ height: BAND_HEIGHT }}
      >
        <div
          className="jp-Mlstudio-tablePinned"
          style={{ width: pinnedWidth }}
        />
        {props.bands.map(band => (
          <div
            key={`${band.group}-${band.left}`}
            className={`jp-Mlstudio-tableGroup jp-mod-${band.group}`}
            style={{ left: band.left, width: band.width }}
          >
            {/* "Component" over half of the columns would only be noise. */}
            {band.group !== 'meta' && (
              <span style={{ left: pinnedWidth }}>
                {groupLabel(band.group, trans)}
              </span>
            )}
          </div>
        ))}
      </div>
      <div
        role="row"
        aria-rowindex={1}
        className="jp-Mlstudio-tableTitles"
        style={{ height: TITLE_HEIGHT }}
      >
        <div
          role="presentation"
          className="jp-Mlstudio-tablePinned"
          style={{ width: pinnedWidth }}
        >
          <SelectAll {...props} />
          {pinned.map(placed => (
            <Title
              key={placed.column.key}
              head={props}
              placed={placed}
              absolute={false}
            />
          ))}
        </div>
        {center.map(placed => (
          <Title
            key={placed.column.key}
            head={props}
            placed={placed}
            absolute={true}
          />
        ))}
      </div>
    </div>
  );
}

function SelectAll(props: ITableHeadProps): JSX.Element {
  const box = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => {
    if (box.current !== null) {
      box.current.indeterminate = props.someSelected && !props.allSelected;
    }
  });
  return (
    <div
      role="columnheader"
      aria-colindex={1}
      data-row={-1}
      data-col={0}
      tabIndex={props.tabCol === 0 ? 0 : -1}
      className="jp-Mlstudio-tableCell jp-mod-check"
      style={{ width: CHECK_WIDTH }}
    >
      <input
        ref={box}
        type="checkbox"
        tabIndex={-1}
        checked={props.allSelected}
        readOnly
        aria-label={props.trans.__('Select all rows')}
      />
    </div>
  );
}

/** Whether the pointer is over the second half. */
function isAfter(event: React.DragEvent): boolean {
  const box = event.currentTarget.getBoundingClientRect();
  return event.clientX > box.left + box.width / 2;
}

function Title(props: {
  head: ITableHeadProps;
  placed: IPlacedColumn;
  absolute: boolean;
}): JSX.Element {
  const { head, placed, absolute } = props;
  const { column, index, label, left, width, format } = placed;
  const { trans } = head;
  const [over, setOver] = React.useState<'before' | 'after' | null>(null);
  const at = head.sort.findIndex(s => s.key === column.key);
  const desc = at >= 0 && head.sort[at].desc;
  const ariaSort = at === 0 ? (desc ? 'descending' : 'ascending') : 'none';
  const number = format === 'number' || format === 'duration';
  return (
    <div
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={ariaSort}
      aria-description={groupLabel(column.group, trans)}
      data-row={-1}
      data-col={index}
      data-key={column.key}
      tabIndex={head.tabCol === index ? 0 : -1}
      title={label}
      draggable
      className={`jp-Mlstudio-tableTitle${number ? ' jp-mod-number' : ''}${over === null ? '' : ` jp-mod-drop-${over}`}${at >= 0 ? ' jp-mod-sorted' : ''}`}
      style={absolute ? { left, width } : { width }}
      onClick={event => head.onSort(column.key, event.shiftKey)}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        head.onMenu(column.key, event.currentTarget);
      }}
      onDragStart={event => {
        event.dataTransfer.setData(DRAG_TYPE, column.key);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={event => {
        if (event.dataTransfer.types.includes(DRAG_TYPE)) {
          event.preventDefault();
          setOver(isAfter(event) ? 'after' : 'before');
        }
      }}
      onDragLeave={() => setOver(null)}
      onDrop={event => {
        event.preventDefault();
        setOver(null);
        const key = event.dataTransfer.getData(DRAG_TYPE);
        if (key !== '' && key !== column.key) {
          head.onMove(key, column.key, isAfter(event));
        }
      }}
    >
      {column.key === 'starred' ? (
        <span className="jp-Mlstudio-tableLabel" aria-label={label}>
          ★
        </span>
      ) : (
        <bdi className="jp-Mlstudio-tableLabel">{label}</bdi>
      )}
      {at >= 0 && (
        <span className="jp-Mlstudio-tableArrow" aria-hidden="true">
          {desc ? '▼' : '▲'}
          {head.sort.length > 1 && <sub>{at + 1}</sub>}
        </span>
      )}
      <button
        type="button"
        tabIndex={-1}
        className="jp-Mlstudio-tableMore"
        aria-label={trans.__('Options of column %1', label.slice(0, 120))}
        onClick={event => {
          event.stopPropagation();
          head.onMenu(column.key, event.currentTarget);
        }}
      >
        ⋮
      </button>
      <span
        className="jp-Mlstudio-tableGrip"
        aria-hidden="true"
        draggable
        onDragStart={event => {
          // The grip resizes; without this the browser would drag the title.
          event.preventDefault();
          event.stopPropagation();
        }}
        onMouseDown={event => {
          event.stopPropagation();
          event.preventDefault();
          head.onResizeStart(column.key, event);
        }}
        onTouchStart={event => head.onResizeStart(column.key, event)}
        onClick={event => event.stopPropagation()}
        onDoubleClick={event => {
          event.stopPropagation();
          head.onResizeReset(column.key);
        }}
      />
    </div>
  );
}
