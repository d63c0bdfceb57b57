/**
 * TanStack Table as the engine of columns: sizes while dragging, pinning, order, visibility.
 *
 * The table gets no rows: a `RowSource` owns them. What comes out are columns with their place in
 * pixels, pinned ones and scrolling ones apart.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  functionalUpdate,
  tableFeatures,
  useTable,
  type ColumnDef,
  type ColumnSizingState,
  type Updater
} from '@tanstack/react-table';
import * as React from 'react';

import type { IPlacedColumn } from './cell';
import {
  defaultWidth,
  formatOf,
  labelOf,
  MAX_WIDTH,
  MIN_WIDTH,
  nameWidth,
  type IColumn
} from './columns';
import { arrange, setWidth, type ITableLayout } from './layout';
import { CHECK_WIDTH } from './row';
import type { IRowSource } from './rowSource';

// Sizing must stand before resizing.
const features = tableFeatures({
  columnSizingFeature,
  columnResizingFeature,
  columnOrderingFeature,
  columnPinningFeature
});

type Row = Record<string, never>;
const NO_ROWS: Row[] = [];

export interface IPlacedColumns {
  readonly pinned: readonly IPlacedColumn[];
  readonly center: readonly IPlacedColumn[];
  /** Check boxes and pinned columns. */
  readonly pinnedWidth: number;
  readonly width: number;
  startResize(key: string, event: React.MouseEvent | React.TouchEvent): void;
}

/** Rows whose names decide how wide the name column is. */
const MEASURED = 200;

/** Characters of a line's first cell: a name, or a group's column, value and count. */
function lengthOf(
  source: IRowSource,
  row: number,
  trans: TranslationBundle
): number {
  const group = source.groupAt(row);
  if (group !== undefined) {
    const value = typeof group.value === 'number' ? 8 : group.value?.length;
    const words = labelOf(group.key, trans).length + (value ?? 1);
    return words + 8 + 3 * group.depth;
  }
  const name = source.nameAt(row);
  return name === undefined
    ? 0
    : source.labelOf(name).length + 2 * source.levelOf(row);
}

/** The name column is as wide as its names need; it grows with live rows and never jumps back. */
export function useNameWidth(
  source: IRowSource,
  version: number,
  trans: TranslationBundle
): number {
  const widest = React.useRef({ source: source.flat, width: 0 });
  return React.useMemo(() => {
    let longest = 0;
    for (let row = 0; row < Math.min(source.count, MEASURED); row++) {
      longest = Math.max(longest, lengthOf(source, row, trans));
    }
    const { flat } = source;
    const before = widest.current.source === flat ? widest.current.width : 0;
    const width = Math.max(before, nameWidth(longest));
    widest.current = { source: flat, width };
    return width;
  }, [source, version]);
}

export function useColumns(
  columns: readonly IColumn[],
  layout: ITableLayout,
  onLayout: (layout: ITableLayout) => void,
  trans: TranslationBundle,
  nameSize: number
): IPlacedColumns {
  const arrangement = React.useMemo(
    () => arrange(columns, layout),
    [columns, layout]
  );
  const defs = React.useMemo(
    () =>
      arrangement.visible.map((column): ColumnDef<typeof features, Row> => ({
        id: column.key,
        size:
          column.key === 'name'
            ? nameSize
            : defaultWidth(column, labelOf(column.key, trans)),
        minSize: MIN_WIDTH,
        maxSize: MAX_WIDTH
      })),
    [arrangement, trans, nameSize]
  );
  const state = React.useMemo(() => {
    // What is hidden never reaches the engine: there may be thousands.
    const order = arrangement.visible.map(c => c.key);
    return {
      columnOrder: order,
      columnSizing: { ...layout.widths } as ColumnSizingState,
      columnPinning: {
        start: order.filter(key => layout.pinned.includes(key)),
        end: []
      }
    };
  }, [arrangement, layout]);
  const latest = React.useRef({ layout, onLayout });
  latest.current = { layout, onLayout };
  const onColumnSizingChange = React.useCallback(
    (updater: Updater<ColumnSizingState>) => {
      const { layout: now, onLayout: tell } = latest.current;
      const next = functionalUpdate(updater, { ...now.widths });
      const changed = Object.entries(next).filter(
        ([k, w]) => now.widths[k] !== w
      );
      if (changed.length > 0) {
        tell(changed.reduce((l, [key, width]) => setWidth(l, key, width), now));
      }
    },
    []
  );
  // The engine makes a new table of new options: every row would be drawn with every scroll.
  const options = React.useMemo(
    () => ({
      features,
      columns: defs,
      data: NO_ROWS,
      state,
      columnResizeMode: 'onChange' as const,
      onColumnSizingChange
    }),
    [defs, state, onColumnSizingChange]
  );
  const table = useTable(options);
  return React.useMemo(() => {
    const byKey = new Map(columns.map(c => [c.key, c]));
    const pinned = table.getStartLeafColumns();
    const pinnedWidth = CHECK_WIDTH + table.getStartTotalSize();
    const place = (
      c: (typeof pinned)[number],
      left: number,
      index: number
    ): IPlacedColumn[] => {
      const column = byKey.get(c.id);
      return column === undefined
        ? []
        : [
            {
              column,
              format: formatOf(column),
              label: labelOf(column.key, trans),
              left,
              width: c.getSize(),
              index
            }
          ];
    };
    const center = table.getCenterLeafColumns();
    return {
      pinned: pinned.flatMap((c, i) => place(c, c.getStart('start'), i + 1)),
      center: center.flatMap((c, i) =>
        place(c, pinnedWidth + c.getStart('center'), pinned.length + i + 1)
      ),
      pinnedWidth,
      width: pinnedWidth + table.getCenterTotalSize(),
      startResize: (key, event) => {
        const header = table.getFlatHeaders().find(h => h.column.id === key);
        header?.getResizeHandler()(event.nativeEvent);
      }
    };
  }, [columns, state, defs, table, trans]);
}
