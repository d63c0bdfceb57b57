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
import { ColumnMenu, HeaderMenu, type FindMore } from './columnMenu';
import { toggleSort, type IColumn, type ISortKey } from './columns';
import { gridActions } from './gridActions';
import { useFocus, type IFocus } from './gridFocus';
import { bandsOf, HEAD_HEIGHT, TableHead } from './header';
import { arrange, moveBeside, type ITableLayout } from './layout';
import { GroupRow } from './groupRow';
import { ROW_HEIGHT, TableRow, type ITableRowProps } from './row';
import type { IRowSource } from './rowSource';
import type { Selection } from './selection';
import { useColumns, useNameWidth, type IPlacedColumns } from './useColumns';
import {
  useGridScroll,
  useScrollAnchor,
  type IGridScroll
} from './useGridScroll';

/** What somebody did to a cell. */
export type CellAct = 'Enter' | 'F2' | 's' | 'click' | 'dblclick';

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
  /** What the rows are grouped by; the source does the grouping. */
  readonly grouping?: readonly string[];
  onGrouping?(keys: readonly string[]): void;
  onToggleGroup?(id: string): void;
  /** A key or click on a cell that the table has no use for; whether somebody has. */
  onCell?(act: CellAct, name: string, key: string, cell: HTMLElement): boolean;
  /** A row to scroll to and to focus, once; another object is another wish. */
  readonly target?: { readonly name: string } | null;
  /** Columns that the list leaves out, for the column menu's search. */
  findMore?: FindMore;
  /** How many columns of each group there are, where not all are listed. */
  readonly totals?: Partial<Record<string, number>>;
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
    useNameWidth(source, version, trans)
  );
  const count = source.count;
  const grouped = source.flat !== source;
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
  useTarget(props, version, placed, focus, scroll);
  React.useLayoutEffect(() => focus.settle(scroller.current));
  const large = useLargeFont(scroller);
  const [menu, setMenu] = React.useState<{
    key: string;
    anchor: HTMLElement;
  } | null>(null);
  const openMenu = React.useCallback(
    (key: string, anchor: HTMLElement) => setMenu({ key, anchor }),
    []
  );
  const actions = gridActions({
    props,
    focus,
    cols,
    reveal: scroll.reveal,
    pageRows: scroll.pageRows,
    keyAt: col =>
      [...placed.pinned, ...placed.center].find(c => c.index === col)?.column
        .key,
    openMenu
  });
  const selectedHere = useSelectedHere(selection, source, version);
  const menuColumn = columns.find(c => c.key === menu?.key);
  const closeMenu = React.useCallback(() => setMenu(null), []);
  const tabCol = focus.place.row === -1 ? focus.place.col : -1;
  const head = useHead(
    props,
    placed,
    scroll.center,
    tabCol,
    count > 0 && selectedHere === source.flat.count,
    selectedHere > 0,
    openMenu
  );
  return (
    <div
      ref={scroller}
      role={grouped ? 'treegrid' : 'grid'}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={cols}
      aria-multiselectable="true"
      className={`jp-Mlstudio-table${large ? ' jp-mod-large' : ''}`}
      onKeyDown={actions.onKeyDown}
      onClick={actions.onClick}
      onDoubleClick={actions.onDoubleClick}
      onCopy={actions.onCopy}
      onFocus={actions.onFocus}
      onBlur={focus.blur}
    >
      {head}
      <div
        role="rowgroup"
        className="jp-Mlstudio-tableBody"
        style={{ width: placed.width, height: count * ROW_HEIGHT }}
      >
        {items.map(item => (
          <Line
            key={source.idAt(item.index) ?? `#${item.index}`}
            table={props}
            source={source}
            version={version}
            row={item.index}
            top={item.start - HEAD_HEIGHT}
            pinned={placed.pinned}
            center={scroll.center}
            pinnedWidth={placed.pinnedWidth}
            tabCol={focus.place.row === item.index ? focus.place.col : -1}
            trans={trans}
          />
        ))}
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
          findMore={props.findMore}
          totals={props.totals}
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
          grouping={props.grouping}
          onGrouping={props.onGrouping}
          onLayout={props.onLayout}
          onSort={props.onSort}
          onClose={closeMenu}
        />
      )}
    </div>
  );
}

/** The header; scrolling down gives the same element, which is not drawn again. */
function useHead(
  props: IDataTableProps,
  placed: IPlacedColumns,
  center: readonly IPlacedColumn[],
  tabCol: number,
  allSelected: boolean,
  someSelected: boolean,
  onMenu: (key: string, anchor: HTMLElement) => void
): JSX.Element {
  const { columns, layout, sort, trans, onLayout, onSort } = props;
  return React.useMemo(
    () => (
      <TableHead
        pinned={placed.pinned}
        center={center}
        bands={bandsOf(placed.center)}
        pinnedWidth={placed.pinnedWidth}
        width={placed.width}
        sort={sort}
        tabCol={tabCol}
        allSelected={allSelected}
        someSelected={someSelected}
        trans={trans}
        onSort={(key, multi) => onSort(toggleSort(sort, key, multi))}
        onMenu={onMenu}
        onMove={(key, beside, after) =>
          onLayout(
            moveBeside(layout, arrange(columns, layout), key, beside, after)
          )
        }
        onResizeStart={placed.startResize}
        onResizeReset={key => {
          const { [key]: _dropped, ...widths } = layout.widths;
          onLayout({ ...layout, widths });
        }}
      />
    ),
    [
      columns,
      layout,
      sort,
      trans,
      onLayout,
      onSort,
      placed,
      center,
      tabCol,
      allSelected,
      someSelected,
      onMenu
    ]
  );
}

/** A row, or the line of a group. */
function Line(
  props: Omit<ITableRowProps, 'name' | 'selected' | 'swatch' | 'level'> & {
    table: IDataTableProps;
  }
): JSX.Element {
  const { table, ...rest } = props;
  const { source, row } = props;
  const { selection } = table;
  const group = source.groupAt(row);
  if (group !== undefined) {
    const chosen = source.selectedAt(row, selection.names);
    return (
      <GroupRow
        {...rest}
        group={group}
        of={table.columns.find(c => c.key === group.key)}
        name={undefined}
        level={group.depth}
        selected={chosen > 0 && chosen === group.count}
        selectedCount={chosen}
        swatch={undefined}
      />
    );
  }
  const name = source.nameAt(row);
  return (
    <TableRow
      {...rest}
      name={name}
      level={source.levelOf(row)}
      selected={name !== undefined && selection.has(name)}
      swatch={name === undefined ? undefined : table.swatchOf?.(name)}
    />
  );
}

/** Pixels of a font in which texts are as wide as `fits` takes them to be. */
const USUAL_FONT = 13.5;

/** Whether somebody made the interface's font larger than what cells reckon with. */
function useLargeFont(scroller: React.RefObject<HTMLDivElement>): boolean {
  const [large, setLarge] = React.useState(false);
  React.useLayoutEffect(() => {
    const node = scroller.current;
    const size =
      node === null ? 0 : parseFloat(getComputedStyle(node).fontSize);
    setLarge(size > USUAL_FONT);
  }, [scroller]);
  return large;
}

/** How many of the selected rows are shown. */
function useSelectedHere(
  selection: Selection,
  source: IRowSource,
  version: number
): number {
  return React.useMemo(
    () =>
      [...selection.names].filter(name => source.flat.indexOf(name) >= 0)
        .length,
    [selection, source, version]
  );
}

/** Scroll to the wanted row as soon as it is there, and focus its name. */
function useTarget(
  props: IDataTableProps,
  version: number,
  placed: IPlacedColumns,
  focus: IFocus,
  scroll: IGridScroll
): void {
  const { source, target } = props;
  const done = React.useRef<unknown>(null);
  React.useEffect(() => {
    const row = target ? source.indexOf(target.name) : -1;
    if (row < 0 || done.current === target) {
      return;
    }
    done.current = target;
    const named = [...placed.pinned, ...placed.center].find(
      c => c.column.key === 'name'
    );
    const place = { row, col: named?.index ?? 0 };
    focus.set(place, true);
    scroll.reveal(place);
  }, [target, source, version]);
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
