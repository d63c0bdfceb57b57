/**
 * The two virtualizers of the table and what keeps the eye in its place.
 *
 * Rows that arrive or move above the first visible row shift the scroll by as much, so that
 * nothing jumps; at the very top new rows are shown. The focused cell stays mounted when it is
 * scrolled away, or the keyboard would lose it.
 */
import {
  defaultRangeExtractor,
  useVirtualizer,
  type Range,
  type Virtualizer
} from '@tanstack/react-virtual';
import * as React from 'react';

import type { IPlacedColumn } from './cell';
import { HEAD_HEIGHT } from './header';
import type { IPlace } from './keyboard';
import { ROW_HEIGHT } from './row';
import type { IRowSource } from './rowSource';

type GridVirtualizer = Virtualizer<HTMLDivElement, Element>;

export interface IGridScroll {
  readonly rows: GridVirtualizer;
  /** Scrolling columns that are near the eye. */
  readonly center: readonly IPlacedColumn[];
  /** Bring a cell into sight. */
  reveal(place: IPlace): void;
  readonly pageRows: () => number;
}

/** Indices near the eye and one that must stay. */
function withFocus(range: Range, focus: number): number[] {
  const near = defaultRangeExtractor(range);
  return focus < 0 || focus >= range.count || near.includes(focus)
    ? near
    : [...near, focus].sort((a, b) => a - b);
}

export function useGridScroll(
  scroller: React.RefObject<HTMLDivElement>,
  source: IRowSource,
  center: readonly IPlacedColumn[],
  pinnedWidth: number,
  pinnedCount: number,
  focus: IPlace
): IGridScroll {
  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: source.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 4,
    paddingStart: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    rangeExtractor: range => withFocus(range, focus.row)
  });
  const firstCenter = pinnedCount + 1;
  const columns = useVirtualizer<HTMLDivElement, Element>({
    count: center.length,
    horizontal: true,
    getScrollElement: () => scroller.current,
    estimateSize: index => center[index]?.width ?? 100,
    overscan: 2,
    paddingStart: pinnedWidth,
    scrollPaddingStart: pinnedWidth,
    rangeExtractor: range => withFocus(range, focus.col - firstCenter)
  });
  const widths = center.map(c => `${c.column.key}:${c.width}`).join('|');
  React.useLayoutEffect(
    () => columns.measure(),
    [columns, widths, pinnedWidth]
  );
  const near = columns.getVirtualItems().map(item => item.index);
  const nearKey = near.join(',');
  const placed = React.useMemo(
    () => near.flatMap(index => center[index] ?? []),
    [nearKey, center]
  );
  const reveal = React.useCallback(
    (place: IPlace) => {
      if (place.row >= 0) {
        rows.scrollToIndex(place.row, { align: 'auto' });
      }
      if (place.col >= firstCenter) {
        columns.scrollToIndex(place.col - firstCenter, { align: 'auto' });
      } else if (place.col === 0) {
        columns.scrollToOffset(0);
      }
    },
    [rows, columns, firstCenter]
  );
  const pageRows = React.useCallback(() => {
    const height = scroller.current?.clientHeight ?? 0;
    return Math.max(1, Math.floor((height - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
  }, [scroller]);
  return { rows, center: placed, reveal, pageRows };
}

/** Keep the first visible row where it is while rows come and go; `order` changes by the user reset it. */
export function useScrollAnchor(
  scroller: React.RefObject<HTMLDivElement>,
  source: IRowSource,
  version: number,
  order: unknown
): void {
  const anchor = React.useRef<{ name: string; row: number } | null>(null);
  const lastOrder = React.useRef(order);
  React.useLayoutEffect(() => {
    const node = scroller.current;
    if (node === null) {
      return;
    }
    if (lastOrder.current !== order) {
      lastOrder.current = order;
      anchor.current = null;
      node.scrollTop = 0;
      return;
    }
    const held = anchor.current;
    if (held !== null && node.scrollTop > 0) {
      const now = source.indexOf(held.name);
      if (now >= 0 && now !== held.row) {
        node.scrollTop += (now - held.row) * ROW_HEIGHT;
        anchor.current = { name: held.name, row: now };
      }
    }
  }, [scroller, source, version, order]);
  React.useEffect(() => {
    const node = scroller.current;
    if (node === null) {
      return;
    }
    const remember = (): void => {
      const row = Math.floor(node.scrollTop / ROW_HEIGHT);
      const name = source.idAt(row);
      anchor.current = name === undefined ? null : { name, row };
    };
    remember();
    node.addEventListener('scroll', remember, { passive: true });
    return () => node.removeEventListener('scroll', remember);
  }, [scroller, source]);
}
