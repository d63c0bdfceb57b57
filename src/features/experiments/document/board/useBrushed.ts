/** The names that pass the brushes of the parallel coordinates, or null without a brush. */
import * as React from 'react';

import { buildAxis, maskOf, type Brushes } from '../../../../components/charts';
import {
  LocalRows,
  type IColumn,
  type IRowSource
} from '../../../../components/table';

/**
 * Brushes are intervals of heights, so that they mean the same share of an axis after a reload;
 * which rows they hold is computed from the present values.
 */
export function useBrushedNames(
  rows: IRowSource,
  columns: readonly IColumn[],
  brushes: Brushes
): ReadonlySet<string> | null {
  const version = React.useSyncExternalStore(
    rows.subscribe,
    () => rows.version
  );
  const last = React.useRef<ReadonlySet<string> | null>(null);
  return React.useMemo(() => {
    const next = namesOf(rows, columns, brushes);
    // The same names are the same set, or filtering would draw, and drawing filter, for ever.
    if (!sameNames(last.current, next)) {
      last.current = next;
    }
    return last.current;
  }, [rows, version, columns, brushes]);
}

function namesOf(
  rows: IRowSource,
  columns: readonly IColumn[],
  brushes: Brushes
): ReadonlySet<string> | null {
  const keys = [...brushes.keys()].filter(key =>
    columns.some(c => c.key === key)
  );
  if (keys.length === 0 || !(rows instanceof LocalRows)) {
    return null;
  }
  const block = rows.extract(keys, false);
  const axes = keys.map(key =>
    buildAxis(key, key, block.columns.get(key) ?? [])
  );
  const mask = maskOf(axes, brushes, block.names.length);
  return new Set(block.names.filter((_, i) => mask[i] === 1));
}

function sameNames(
  a: ReadonlySet<string> | null,
  b: ReadonlySet<string> | null
): boolean {
  if (a === null || b === null) {
    return a === b;
  }
  return a.size === b.size && [...a].every(name => b.has(name));
}
