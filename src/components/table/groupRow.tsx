/** A line that stands for several rows: what they share, and mean and extremes of their numbers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cellClass, CellText, type IPlacedColumn } from './cell';
import { formatOf, labelOf, type ColumnFormat, type IColumn } from './columns';
import { CHECK_WIDTH, ROW_HEIGHT, spaced, type ITableRowProps } from './row';
import type { IGroupLine, Summary } from './rowSource';
import { formatCell, formatDay, type Cell } from './values';

export interface IGroupRowProps extends ITableRowProps {
  readonly group: IGroupLine;
  /** The column that the group is of, where it exists. */
  readonly of: IColumn | undefined;
  readonly selectedCount: number;
}

const INDENT = 16;

/** The shared value of a group, as text. */
function GroupValue(props: { value: Cell; format: ColumnFormat }): JSX.Element {
  const { value, format } = props;
  return format === 'time' && typeof value === 'number' ? (
    <span>{formatDay(value)}</span>
  ) : (
    <CellText value={value} format={format} />
  );
}

/** "Parameter lr = 0.1" for people who do not see the column's title beside it. */
export function groupText(
  group: IGroupLine,
  of: IColumn | undefined,
  trans: TranslationBundle
): string {
  const format = of === undefined ? 'text' : formatOf(of);
  const { value } = group;
  const text =
    format === 'time' && typeof value === 'number'
      ? formatDay(value)
      : formatCell(value, format) || trans.__('no value');
  return `${labelOf(group.key, trans)}: ${text}`.slice(0, 200);
}

function Numbers(props: {
  summary: Extract<Summary, { kind: 'numbers' }>;
  format: ColumnFormat;
  count: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { summary, format, trans } = props;
  const { mean, min, max, missing, bar } = summary;
  const text = (value: number): string => formatCell(value, format);
  if (format === 'flag') {
    const stars = Math.round(mean * (props.count - missing));
    return <span>{stars > 0 ? `${stars} ★` : ''}</span>;
  }
  if (format === 'time') {
    const [from, to] = [formatDay(min), formatDay(max)];
    return <span>{from === to ? from : `${from} – ${to}`}</span>;
  }
  const told = trans.__(
    'mean %1, from %2 to %3',
    text(mean),
    text(min),
    text(max)
  );
  const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
  return (
    <>
      <span
        title={
          missing > 0
            ? `${told}, ${trans._n('%1 without', '%1 without', missing)}`
            : told
        }
      >
        {text(mean)}
        <span className="jp-Mlstudio-hidden">
          {' '}
          {trans.__('(%1 to %2)', text(min), text(max))}
        </span>
      </span>
      <span className="jp-Mlstudio-tableBar" aria-hidden="true">
        <span
          style={{
            left: percent(bar.from),
            width: `max(2px, ${percent(bar.to - bar.from)})`
          }}
        />
        <i style={{ left: percent(bar.mean) }} />
      </span>
    </>
  );
}

function SummaryText(props: {
  summary: Summary | undefined;
  format: ColumnFormat;
  count: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { summary, format, trans } = props;
  switch (summary?.kind) {
    case undefined:
      return <CellText value={undefined} format={format} />;
    case 'same':
      return <CellText value={summary.value} format={format} />;
    case 'many':
      return (
        <span className="jp-Mlstudio-tableMany">
          {trans._n('%1 value', '%1 values', summary.distinct)}
        </span>
      );
    case 'numbers':
      return <Numbers {...props} summary={summary} />;
  }
}

function GroupCell(props: {
  row: IGroupRowProps;
  placed: IPlacedColumn;
}): JSX.Element {
  const { row, placed } = props;
  const { group, trans } = row;
  const { column, format, index, width } = placed;
  const isName = column.key === 'name';
  const own = column.key === group.key;
  const ofFormat = row.of === undefined ? 'text' : formatOf(row.of);
  return (
    <div
      role={isName ? 'rowheader' : 'gridcell'}
      aria-colindex={index + 1}
      data-row={row.row}
      data-col={index}
      tabIndex={row.tabCol === index ? 0 : -1}
      className={cellClass(format, null) + (isName ? ' jp-mod-group' : '')}
      style={{ width }}
    >
      {isName ? (
        <span
          className="jp-Mlstudio-tableGroupName"
          style={{ paddingLeft: group.depth * INDENT }}
          data-toggle=""
          title={groupText(group, row.of, trans)}
        >
          <span className="jp-Mlstudio-tableChevron" aria-hidden="true">
            {group.open ? '▾' : '▸'}
          </span>
          <span className="jp-Mlstudio-tableGroupOf">
            <bdi>{labelOf(group.key, trans)}</bdi>
          </span>
          <GroupValue value={group.value} format={ofFormat} />
          <span className="jp-Mlstudio-tableGroupCount">
            {trans.__('(%1)', group.count)}
          </span>
        </span>
      ) : own ? (
        <GroupValue value={group.value} format={ofFormat} />
      ) : (
        <SummaryText
          summary={row.source.summaryAt(row.row, column.key)}
          format={format}
          count={group.count}
          trans={trans}
        />
      )}
    </div>
  );
}

export const GroupRow = React.memo((props: IGroupRowProps): JSX.Element => {
  const { row, group, selected, selectedCount, trans } = props;
  const box = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => {
    if (box.current !== null) {
      box.current.indeterminate = selectedCount > 0 && !selected;
    }
  });
  const cell = (placed: IPlacedColumn): JSX.Element => (
    <GroupCell key={placed.column.key} row={props} placed={placed} />
  );
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-level={group.depth + 1}
      aria-expanded={group.open}
      aria-selected={selected}
      data-group={group.id}
      className={`jp-Mlstudio-tableRow jp-mod-group${selected ? ' jp-mod-selected' : ''}`}
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
            ref={box}
            type="checkbox"
            tabIndex={-1}
            checked={selected}
            readOnly
            aria-label={trans.__(
              'Select the group %1',
              groupText(group, props.of, trans)
            )}
          />
        </div>
        {props.pinned.map(cell)}
      </div>
      {spaced(props.center, props.pinnedWidth, cell)}
    </div>
  );
});
GroupRow.displayName = 'GroupRow';
