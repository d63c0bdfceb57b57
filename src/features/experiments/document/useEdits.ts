/** Editing in place: which cell has an editor, and what keys and clicks on cells mean. */
import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { bannerOf } from '../../../api/errors';
import { useStudio } from '../../../components/common';
import type { CellAct, IRowSource } from '../../../components/table';
import type { IEditedCell } from './cellEditor';
import { isTextKey, Records } from './edits';
import type { RowState } from './rowsReader';

export interface IEdits {
  readonly records: Records;
  readonly cell: IEditedCell | null;
  close(): void;
  onCell(act: CellAct, name: string, key: string, cell: HTMLElement): boolean;
}

export function useEdits(rows: IRowSource | null, state: RowState): IEdits {
  const { api, trans } = useStudio();
  const latest = React.useRef(rows);
  latest.current = rows;
  const records = React.useMemo(
    () => new Records(api, () => latest.current),
    [api]
  );
  const [cell, setCell] = React.useState<IEditedCell | null>(null);
  const close = React.useCallback(() => setCell(null), []);
  const star = (name: string): void => {
    const now = rows?.cell(rows.indexOf(name), 'starred');
    const on = now !== 1 && now !== 'true';
    records.star(name, on).catch((error: unknown) => {
      Notification.error(bannerOf(error, trans).text);
    });
  };
  const onCell = (
    act: CellAct,
    name: string,
    key: string,
    anchor: HTMLElement
  ): boolean => {
    if (state === 'deleted') {
      return false;
    }
    if (act === 's' || (act === 'click' && key === 'starred')) {
      star(name);
      return true;
    }
    if (act === 'dblclick' && key === 'starred') {
      return true; // Its two clicks were meant.
    }
    const edited = act === 'F2' ? 'display_name' : key;
    if (act === 'click' || !isTextKey(edited)) {
      return false;
    }
    setCell({ name, key: edited, anchor });
    return true;
  };
  return { records, cell, close, onCell };
}
