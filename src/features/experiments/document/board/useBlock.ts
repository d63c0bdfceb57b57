/** Columns of the rows for a chart, renewed when rows change, at most every 600 ms. */
import * as React from 'react';

import type { IFigureColumn } from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import {
  labelOf,
  LocalRows,
  PagedRows,
  type IRowBlock
} from '../../../../components/table';
import { useBoard } from './boardContext';

const PAUSE_MS = 600;

export interface IBlock {
  readonly names: readonly string[];
  /** A column of these rows; without values where it is not here. */
  column(key: string): IFigureColumn;
}

/**
 * @param brushed false keeps rows that a brush leaves out: what brushes must keep drawing them.
 */
export function useBlock(
  keys: readonly string[],
  visible: boolean,
  brushed = true
): { block: IBlock | null; error: unknown } {
  const { rows, data } = useBoard();
  const { trans } = useStudio();
  const [state, setState] = React.useState<{
    block: IRowBlock | null;
    error: unknown;
  }>({ block: null, error: null });
  // Of paged rows every page that comes is a version: only another filter asks for all anew.
  const version = React.useSyncExternalStore(rows.subscribe, () =>
    rows instanceof PagedRows ? rows.filtered : rows.version
  );
  const last = React.useRef({ at: 0, key: '' });
  const key = keys.join('\n');
  React.useEffect(() => {
    if (!visible) {
      return;
    }
    const abort = new AbortController();
    const read = (): void => {
      last.current = { at: performance.now(), key };
      if (rows instanceof LocalRows) {
        setState({ block: rows.extract(keys, brushed), error: null });
        return;
      }
      data.sample(keys, abort.signal).then(
        page => setState({ block: page.extract(keys, false), error: null }),
        (error: unknown) =>
          !abort.signal.aborted && setState({ block: null, error })
      );
    };
    const asked = last.current.key !== key;
    const wait = asked
      ? 0
      : Math.max(0, last.current.at + PAUSE_MS - performance.now());
    const timer = setTimeout(read, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [rows, version, key, visible, brushed]);
  const { block, error } = state;
  const made = React.useMemo(
    (): IBlock | null =>
      block === null
        ? null
        : {
            names: block.names,
            column: one => ({
              key: one,
              label: labelOf(one, trans),
              cells: block.columns.get(one) ?? []
            })
          },
    [block, trans]
  );
  return { block: made, error };
}
