/**
 * The table of all rooms: rows and columns virtualised, real text, one tab stop.
 *
 * Promises: a data grid by WAI-ARIA (arrows, Home, End, page keys, Space, Enter, Ctrl+A, Ctrl+C),
 * selection by name, nothing jumps when rows arrive. Knows nothing of where rows come from
 * (`IRowSource`) nor of what they are.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlacedColumn, ISwatch } from './cell';
import { ColumnMenu, HeaderMenu } from './columnMenu';
import { toggleSort, type IColumn, type ISortKey } from './columns';
import { gridActions } from './gridActions';
import { useFocus } from './gridFocus';
import { bandsOf, HEAD_HEIGHT, TableHead } from './header';
import { arrange, moveColumn, type ITableLayout } from './layout';
import { ROW_HEIGHT, TableRow } from './row';
import type { IRowSource } from './rowSource';
import type { Selection } from './selection';
import { useColumns, useNameWidth } from './useColumns';
import { useGridScroll, useScrollAnchor } from './useGridScroll';

export interface IDataTableProps {
  readonly label: string;
  readonly source: IRowSource;
  readonly columns: readonly IColumn[];
  readonly layout: ITableLayout;
  readonly sort: readonly ISortKey[];
  readonly selection: Selection;
  readonly trans: TranslationBundle;
  /** The button that opened the column menu, or null. */
  readonly columnMenu: HTMLElement | null;
  readonly swatchOf?: (name: string) => ISwatch | undefined;
  /** What stands in the place of rows when there are none. */
  readonly empty?: React.ReactNode;
  onLayout(layout: ITableLayout): void;
  onSort(sort: readonly ISortKey[]): void;
  onSelection(selection: Selection): void;
  onOpen(name: string): void;
  onColumnMenuClose(): void;
  /** Which columns are near the eye; a source may not hold the others. */
  onNear?(keys: readonly string[]): void;
}

export function DataTable(props: IDataTableProps): JSX.Element {
  const { source, columns, layout, sort, selection, trans } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const version = React.useSyncExternalStore(
    source.subscribe,
    () => source.version
  );
  const placed = useColumns(
    columns,
    layout,
    props.onLayout,
    trans,
    useNameWidth(source, version)
  );
  const count = source.count;
  const cols = placed.pinned.length + placed.center.length + 1;
  const focus = useFocus(source, version, cols);
  const scroll = useGridScroll(
    scroller,
    source,
    placed.center,
    placed.pinnedWidth,
    placed.pinned.length,
    focus.place
  );
  useScrollAnchor(scroller, source, version, sort);
  const items = scroll.rows.getVirtualItems();
  const [first, last] = [
    items[0]?.index ?? 0,
    items[items.length - 1]?.index ?? 0
  ];
  React.useEffect(
    () => source.ensure(first, last + 1),
    [source, first, last, version]
  );
  useNear(props, placed.pinned, scroll.center);
  React.useLayoutEffect(() => focus.settle(scroller.current));
  const [menu, setMenu] = React.useState<{
    key: string;
    anchor: HTMLElement;
  } | null>(null);
  const actions = gridActions({
    props,
    focus,
    cols,
    reveal: scroll.reveal,
    pageRows: scroll.pageRows,
    keyAt: col =>
      [...placed.pinned, ...placed.center].find(c => c.index === col)?.column
        .key,
    openMenu: (key, anchor) => setMenu({ key, anchor })
  });
  const selectedHere = useSelectedHere(selection, source, version);
  const menuColumn = columns.find(c => c.key === menu?.key);
  const closeMenu = React.useCallback(() => setMenu(null), []);
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={cols}
      aria-multiselectable="true"
      className="jp-Mlstudio-table"
      onKeyDown={actions.onKeyDown}
      onClick={actions.onClick}
      onDoubleClick={actions.onDoubleClick}
      onCopy={actions.onCopy}
      onFocus={actions.onFocus}
      onBlur={focus.blur}
    >
      <TableHead
        pinned={placed.pinned}
        center={scroll.center}
        bands={bandsOf(placed.center)}
        pinnedWidth={placed.pinnedWidth}
        width={placed.width}
        sort={sort}
        tabCol={focus.place.row === -1 ? focus.place.col : -1}
        allSelected={count > 0 && selectedHere === count}
        someSelected={selectedHere > 0}
        trans={trans}
        onSort={(key, multi) => props.onSort(toggleSort(sort, key, multi))}
        onMenu={(key, anchor) => setMenu({ key, anchor })}
        onMove={(key, before) =>
          props.onLayout(
            moveColumn(layout, arrange(columns, layout), key, before)
          )
        }
        onResizeStart={placed.startResize}
        onResizeReset={key => {
          const { [key]: _dropped, ...widths } = layout.widths;
          props.onLayout({ ...layout, widths });
        }}
      />
      <div
        role="rowgroup"
        className="jp-Mlstudio-tableBody"
        style={{ width: placed.width, height: count * ROW_HEIGHT }}
      >
        {items.map(item => {
          const name = source.nameAt(item.index);
          return (
            <TableRow
              key={name ?? `#${item.index}`}
              source={source}
              version={version}
              row={item.index}
              name={name}
              top={item.start - HEAD_HEIGHT}
              pinned={placed.pinned}
              center={scroll.center}
              pinnedWidth={placed.pinnedWidth}
              selected={name !== undefined && selection.has(name)}
              tabCol={focus.place.row === item.index ? focus.place.col : -1}
              swatch={name === undefined ? undefined : props.swatchOf?.(name)}
              trans={trans}
            />
          );
        })}
      </div>
      {count === 0 && (
        <div className="jp-Mlstudio-tableEmpty">{props.empty}</div>
      )}
      {props.columnMenu !== null && (
        <ColumnMenu
          anchor={props.columnMenu}
          columns={columns}
          layout={layout}
          trans={trans}
          onLayout={props.onLayout}
          onClose={props.onColumnMenuClose}
        />
      )}
      {menu !== null && menuColumn !== undefined && (
        <HeaderMenu
          anchor={menu.anchor}
          column={menuColumn}
          columns={columns}
          layout={layout}
          sort={sort}
          trans={trans}
          onLayout={props.onLayout}
          onSort={props.onSort}
          onClose={closeMenu}
        />
      )}
    </div>
  );
}

/** How many of the selected rows are shown. */
function useSelectedHere(
  selection: Selection,
  source: IRowSource,
  version: number
): number {
  return React.useMemo(
    () => [...selection.names].filter(name => source.indexOf(name) >= 0).length,
    [selection, source, version]
  );
}

/** Tell which columns are near the eye, when they change. */
function useNear(
  props: IDataTableProps,
  pinned: readonly IPlacedColumn[],
  center: readonly IPlacedColumn[]
): void {
  const { onNear } = props;
  const keys = [...pinned, ...center].map(c => c.column.key);
  const key = keys.join('\n');
  React.useEffect(() => onNear?.(keys), [onNear, key]);
}
