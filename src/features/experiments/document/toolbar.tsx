/** Title, query, quick filter, columns, and what the selection can do. */
import * as React from 'react';

import type { ExperimentRecord } from '../../../api/types';
import { saveCsv } from '../../../components/charts';
import { UserText, useStudio } from '../../../components/common';
import {
  arrange,
  formatOf,
  labelOf,
  rawCell,
  type IColumn,
  type IRowSource,
  type Selection
} from '../../../components/table';
import type { SetView } from './documentView';
import { QueryBox } from './queryBox';
import type { IRowsState } from './rowsState';
import type { IDocumentView } from './viewState';

interface IToolbarProps {
  readonly experiment: string;
  readonly record: ExperimentRecord | null;
  readonly view: IDocumentView;
  readonly rows: IRowSource | null;
  readonly state: IRowsState;
  readonly selection: Selection;
  onView: SetView;
  onSelection(selection: Selection): void;
  onColumns(anchor: HTMLElement | null): void;
}

export function Toolbar(props: IToolbarProps): JSX.Element {
  const { experiment, record, view, rows, state, selection, onView } = props;
  const { trans } = useStudio();
  const running = record?.running ?? 0;
  return (
    <div className="jp-Mlstudio-documentHead">
      <div className="jp-Mlstudio-documentTitle">
        <h2>
          <UserText text={record?.display_name ?? experiment} max={100} />
        </h2>
        <Counts rows={rows} />
        {running > 0 && (
          <span className="jp-Mlstudio-count">
            {trans._n('%1 running', '%1 running', running)}
          </span>
        )}
        <Announcer rows={rows} running={running} />
      </div>
      <div className="jp-Mlstudio-documentTools">
        <QueryBox
          where={view.where}
          error={state.queryError}
          onWhere={where => onView(v => ({ ...v, where }))}
        />
        <QuickFilter
          text={view.quick}
          onText={quick => onView(v => ({ ...v, quick }))}
        />
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-haspopup="dialog"
          onClick={event => props.onColumns(event.currentTarget)}
        >
          {trans.__('Columns')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          disabled={rows === null || rows.count === 0}
          title={trans.__(
            'Save the selected rows, or all that are shown, as CSV'
          )}
          onClick={() =>
            rows !== null &&
            saveRows(rows, state.columns, view, selection, experiment, k =>
              labelOf(k, trans)
            )
          }
        >
          {trans.__('CSV')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          aria-pressed={view.chartsOpen}
          onClick={() => onView(v => ({ ...v, chartsOpen: !v.chartsOpen }))}
        >
          {trans.__('Charts')}
        </button>
        {selection.size > 0 && (
          <span className="jp-Mlstudio-selected">
            {trans._n('%1 selected', '%1 selected', selection.size)}
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() => props.onSelection(selection.clear())}
            >
              {trans.__('clear')}
            </button>
          </span>
        )}
      </div>
    </div>
  );
}

const whole = new Intl.NumberFormat();

function Counts(props: { rows: IRowSource | null }): JSX.Element | null {
  const { rows } = props;
  const { trans } = useStudio();
  if (rows === null) {
    return null;
  }
  const text =
    rows.count === rows.total
      ? trans
          ._n('%1 component', '%1 components', rows.total)
          .replace(String(rows.total), whole.format(rows.total))
      : trans.__(
          '%1 of %2 components',
          whole.format(rows.count),
          whole.format(rows.total)
        );
  return <span className="jp-Mlstudio-counts">{text}</span>;
}

/** Says counts to screen readers, at most once in 5 seconds. */
function Announcer(props: {
  rows: IRowSource | null;
  running: number;
}): JSX.Element {
  const { trans } = useStudio();
  const [said, setSaid] = React.useState('');
  const text =
    props.rows === null
      ? ''
      : trans.__('%1 components, %2 running', props.rows.count, props.running);
  React.useEffect(() => {
    const timer = setTimeout(() => setSaid(text), 5000);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="jp-Mlstudio-hidden" aria-live="polite">
      {said}
    </span>
  );
}

/** Typing filters after a moment, so that a fast typist filters once. */
function QuickFilter(props: {
  text: string;
  onText(text: string): void;
}): JSX.Element {
  const { trans } = useStudio();
  const [text, setText] = React.useState(props.text);
  const { onText } = props;
  const told = React.useRef(props.text);
  React.useEffect(() => {
    if (props.text !== told.current) {
      told.current = props.text;
      setText(props.text);
    }
  }, [props.text]);
  React.useEffect(() => {
    if (text === told.current) {
      return;
    }
    const timer = setTimeout(() => {
      told.current = text;
      onText(text);
    }, 120);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      className="jp-Mlstudio-input jp-mod-quick"
      value={text}
      maxLength={200}
      placeholder={trans.__('Filter by name')}
      aria-label={trans.__('Filter by name')}
      onChange={event => setText(event.target.value)}
    />
  );
}

function saveRows(
  rows: IRowSource,
  columns: readonly IColumn[],
  view: IDocumentView,
  selection: Selection,
  experiment: string,
  label: (key: string) => string
): void {
  const shown = arrange(columns, view.layout).visible;
  const places = Array.from({ length: rows.count }, (_, i) => i).filter(i => {
    const name = rows.nameAt(i);
    return name !== undefined && (selection.size === 0 || selection.has(name));
  });
  saveCsv(
    [
      shown.map(c => label(c.key)),
      ...places.map(i =>
        shown.map(c => rawCell(rows.cell(i, c.key), formatOf(c)))
      )
    ],
    experiment
  );
}
