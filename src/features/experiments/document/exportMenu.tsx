/** Taking rows out: as CSV, Parquet or MLflow runs, what is selected or all that is shown. */
import * as React from 'react';

import { InputDialog } from '@jupyterlab/apputils';
import { downloadIcon } from '@jupyterlab/ui-components';
import type { JSONObject } from '@lumino/coreutils';

import { useStudio } from '../../../components/common';
import {
  arrange,
  formatSort,
  Popover,
  type IColumn,
  type IRowSource,
  type Selection
} from '../../../components/table';
import { combineWhere } from './query';
import { ToolFace } from './toolFace';
import { Caret } from './viewsMenu';
import type { IDocumentView } from './viewState';

interface IExportProps {
  readonly experiment: string;
  readonly view: IDocumentView;
  readonly columns: readonly IColumn[];
  readonly rows: IRowSource | null;
  readonly selection: Selection;
  /** Whether a chart's brush leaves rows out, which the server does not know. */
  readonly brushed: boolean;
}

type Format = 'csv' | 'parquet' | 'mlflow';

/** What to export, in the server's words. */
export function exportRequest(
  props: Omit<IExportProps, 'rows'> & { rows: IRowSource },
  format: Format,
  whole: boolean
): JSONObject {
  const { experiment, view, columns, rows, selection, brushed } = props;
  const shown = arrange(columns, view.layout).visible.map(c => c.key);
  // What only the browser knows travels as names.
  const components =
    selection.size > 0
      ? [...selection.names]
      : brushed
        ? Array.from(
            { length: rows.count },
            (_, i) => rows.nameAt(i) ?? ''
          ).filter(name => name !== '')
        : null;
  const where = combineWhere(view.where, view.quick);
  return {
    format,
    scope: { experiment },
    where: components !== null || where.trim() === '' ? null : where,
    order: formatSort(view.sort).slice(0, 8),
    columns: whole ? null : [...new Set(['name', ...shown])],
    components,
    deleted: view.state === 'deleted',
    archived: view.state === 'archived'
  };
}

export function ExportMenu(props: IExportProps): JSX.Element {
  const { rows, selection } = props;
  const { trans, commands } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const [whole, setWhole] = React.useState(false);
  const close = React.useCallback(() => setAnchor(null), []);
  const count = selection.size > 0 ? selection.size : (rows?.count ?? 0);
  const go = (format: Format) => () => {
    close();
    if (rows !== null) {
      const request = exportRequest({ ...props, rows }, format, whole);
      void commands.execute('mlstudio:export-rows', { request });
    }
  };
  // Runs with their files are a folder: it is written where the server is, with its user's rights.
  const goMlflow = async (): Promise<void> => {
    close();
    if (rows === null) {
      return;
    }
    const request = exportRequest({ ...props, rows }, 'mlflow', true);
    const { button, value } = await InputDialog.getText({
      title: trans.__('Export to MLflow'),
      label: trans.__(
        'A new folder on the machine of the server, by its whole path. Runs are written into it with their metrics and files, for mlflow to open.'
      ),
      placeholder: trans.__('/home/me/mlruns'),
      okLabel: trans.__('Export')
    });
    const destination = value?.trim() ?? '';
    if (button.accept && destination !== '') {
      const asked = { ...request, destination };
      void commands.execute('mlstudio:export-rows', { request: asked });
    }
  };
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        disabled={count === 0}
        title={trans.__('Export rows as CSV, Parquet or MLflow runs')}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        <ToolFace icon={downloadIcon} label={trans.__('Export')} />
        <Caret />
      </button>
      {anchor !== null && (
        <Popover
          anchor={anchor}
          role="dialog"
          label={trans.__('Export rows')}
          onClose={close}
        >
          <p className="jp-Mlstudio-hint">
            {selection.size > 0
              ? trans._n(
                  'The selected row',
                  'The %1 selected rows',
                  selection.size
                )
              : trans._n('The row that is shown', 'All %1 rows shown', count)}
          </p>
          <label className="jp-Mlstudio-columnItem">
            <input
              type="checkbox"
              checked={whole}
              onChange={event => setWhole(event.target.checked)}
            />
            {trans.__('Every column, also hidden ones')}
          </label>
          <div className="jp-Mlstudio-columnActions">
            <button
              type="button"
              className="jp-Mlstudio-button"
              onClick={go('csv')}
            >
              {trans.__('CSV')}
            </button>
            <button
              type="button"
              className="jp-Mlstudio-button"
              onClick={go('parquet')}
            >
              {trans.__('Parquet')}
            </button>
            <button
              type="button"
              className="jp-Mlstudio-button"
              title={trans.__('A folder on the machine of the server')}
              onClick={() => void goMlflow()}
            >
              {trans.__('MLflow…')}
            </button>
          </div>
        </Popover>
      )}
    </>
  );
}
