/** The one tab stop of a grid. It follows its row by name when rows move. */
import * as React from 'react';

import type { IPlace } from './keyboard';
import type { IRowSource } from './rowSource';

export interface IFocus {
  readonly place: IPlace;
  /** Move the one tab stop; `grab` also moves the browser's focus there. */
  set(place: IPlace, grab: boolean): void;
  /** After drawing: focus the cell that was asked for. */
  settle(node: HTMLElement | null): void;
  blur(): void;
}

export function useFocus(
  source: IRowSource,
  version: number,
  cols: number
): IFocus {
  const [place, setPlace] = React.useState<IPlace>({ row: -1, col: 0 });
  const name = React.useRef<string | undefined>(undefined);
  const grab = React.useRef(false);
  React.useEffect(() => {
    setPlace(now => {
      const found =
        name.current === undefined ? -1 : source.indexOf(name.current);
      const row = Math.min(
        found >= 0 && now.row >= 0 ? found : now.row,
        source.count - 1
      );
      const col = Math.min(now.col, cols - 1);
      return row === now.row && col === now.col ? now : { row, col };
    });
  }, [source, version, cols]);
  return {
    place,
    set: (next, take) => {
      name.current = next.row < 0 ? undefined : source.idAt(next.row);
      grab.current = grab.current || take;
      setPlace(now =>
        now.row === next.row && now.col === next.col ? now : next
      );
    },
    settle: node => {
      if (!grab.current) {
        return;
      }
      const cell = node?.querySelector<HTMLElement>(
        `[data-row="${place.row}"][data-col="${place.col}"]`
      );
      if (cell) {
        grab.current = false;
        cell.focus({ preventScroll: true });
      }
    },
    blur: () => {
      grab.current = false;
    }
  };
}
