/**
 * Title, saved views, query, quick filter, columns, groups, export, and what the selection can do.
 *
 * The head measures itself and not the window: Lab's panels are as wide as somebody made them. In
 * a narrow one all that is not needed at once stands behind "More", in the same order.
 */
import { ellipsesIcon, tableRowsIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { componentIcon } from '../../../icons';
import { useWidth } from '../../../components/charts/useWidth';

import type { ExperimentRecord } from '../../../api/types';
import {
  UserText,
  formatNumber,
  useStudio,
  useThrottle
} from '../../../components/common';
import type { IRowSource, Selection } from '../../../components/table';
import type { SetView } from './documentView';
import type { Records } from './edits';
import { ExportMenu } from './exportMenu';
import { GroupMenu } from './groupMenu';
import { JumpBox } from './jumpBox';
import { hasOrder } from './query';
import { QueryBox } from './queryBox';
import type { RowState } from './rowsReader';
import type { IRowsState } from './rowsState';
import type { ISavedViews } from './savedViews';
import { SelectionBar } from './selectionBar';
import { ToolFace } from './toolFace';
import { Caret, ViewsMenu } from './viewsMenu';
import type { IDocumentView } from './viewState';

interface IToolbarProps {
  readonly experiment: string;
  readonly record: ExperimentRecord | null;
  readonly view: IDocumentView;
  readonly rows: IRowSource | null;
  readonly state: IRowsState;
  readonly selection: Selection;
  readonly saved: ISavedViews;
  readonly records: Records;
  readonly brushed: boolean;
  onView: SetView;
  onSelection(selection: Selection): void;
  onColumns(anchor: HTMLElement | null): void;
  onJump(name: string): void;
  onMoved(): void;
}

/** Pixels; below, the tools need lines of their own and stand behind "More". */
const NARROW = 660;

export function Toolbar(props: IToolbarProps): JSX.Element {
  const { experiment, record, view, rows, state, selection, onView } = props;
  const { trans } = useStudio();
  const running = record?.running ?? 0;
  const head = React.useRef<HTMLDivElement>(null);
  const width = useWidth(head);
  const narrow = width > 0 && width < NARROW;
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  return (
    <div
      ref={head}
      className={`jp-Mlstudio-documentHead${narrow ? ' jp-mod-narrow' : ''}`}
    >
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
        <ViewsMenu saved={props.saved} view={view} onView={onView} />
        {narrow ? (
          <More
            open={open}
            controls={id}
            // What filters unseen is told of.
            active={view.quick !== '' || view.state !== 'active'}
            onOpen={setOpen}
          />
        ) : (
          <StateChips {...props} />
        )}
        <Announcer rows={rows} running={running} />
        {rows !== null && (
          <SelectionBar
            experiment={experiment}
            rows={rows}
            columns={state.columns}
            selection={selection}
            state={view.state}
            records={props.records}
            onSelection={props.onSelection}
            onMoved={props.onMoved}
          />
        )}
      </div>
      <div className="jp-Mlstudio-documentTools">
        <Query {...props} />
        {!narrow && <Tools {...props} />}
      </div>
      {narrow && open && (
        <div
          id={id}
          className="jp-Mlstudio-documentTools jp-mod-more"
          role="group"
          aria-label={trans.__('More tools')}
        >
          <Tools {...props} />
          <StateChips {...props} />
        </div>
      )}
    </div>
  );
}

/** The button that shows the tools of a narrow document. */
function More(props: {
  open: boolean;
  controls: string;
  active: boolean;
  onOpen(open: boolean): void;
}): JSX.Element {
  const { open, active } = props;
  const { trans } = useStudio();
  return (
    <button
      type="button"
      className="jp-Mlstudio-button jp-mod-icon jp-mod-more"
      aria-expanded={open}
      aria-controls={open ? props.controls : undefined}
      title={
        active
          ? trans.__('More tools; rows are filtered there')
          : trans.__('More tools')
      }
      aria-label={
        active
          ? trans.__('More tools; rows are filtered there')
          : trans.__('More tools')
      }
      onClick={() => props.onOpen(!open)}
    >
      <ellipsesIcon.react tag="span" elementSize="normal" />
      {active && (
        <span className="jp-Mlstudio-changed" aria-hidden="true">
          ●
        </span>
      )}
    </button>
  );
}

function Query(props: IToolbarProps): JSX.Element {
  const { experiment, view, state, onView } = props;
  return (
    <QueryBox
      experiment={experiment}
      where={view.where}
      error={state.queryError}
      onWhere={where =>
        onView(v => ({
          ...v,
          where,
          // An order that the query names counts; a sorted column would stand before it.
          sort: hasOrder(where) ? [] : v.sort
        }))
      }
    />
  );
}

function Tools(props: IToolbarProps): JSX.Element {
  const { experiment, view, rows, state, selection, onView } = props;
  const { trans } = useStudio();
  return (
    <>
      <QuickFilter
        text={view.quick}
        local={rows?.complete === true}
        onText={quick => onView(v => ({ ...v, quick }))}
      />
      <GroupMenu
        group={view.group}
        columns={state.columns}
        reason={
          rows === null || rows.complete
            ? ''
            : trans.__(
                'Above 20,000 rows they cannot be grouped: filter first.'
              )
        }
        onGroup={group => onView(v => ({ ...v, group }))}
      />
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        title={trans.__('Columns: which ones are shown, in which order')}
        onClick={event => props.onColumns(event.currentTarget)}
      >
        <ToolFace icon={tableRowsIcon} label={trans.__('Columns')} turned />
        <Caret />
      </button>
      <JumpBox
        rows={rows}
        onJump={props.onJump}
        onFilter={quick => onView(v => ({ ...v, quick }))}
      />
      <ExportMenu
        experiment={experiment}
        view={view}
        columns={state.columns}
        rows={rows}
        selection={selection}
        brushed={props.brushed}
      />
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-pressed={view.chartsOpen}
        title={
          view.chartsOpen
            ? trans.__('Hide the charts')
            : trans.__('Show charts')
        }
        onClick={() => onView(v => ({ ...v, chartsOpen: !v.chartsOpen }))}
      >
        <ToolFace icon={componentIcon} label={trans.__('Charts')} />
      </button>
    </>
  );
}

/** Chips for rows that are out of sight: pressed once they are shown, pressed again they are not. */
function StateChips({ view, onView }: IToolbarProps): JSX.Element {
  const { state } = view;
  const { trans } = useStudio();
  const onState = (next: RowState): void =>
    onView(v => ({ ...v, state: next, selected: [] }));
  const chip = (which: RowState, label: string): JSX.Element => (
    <button
      type="button"
      className="jp-Mlstudio-button"
      aria-pressed={state === which}
      onClick={() => onState(state === which ? 'active' : which)}
    >
      {label}
    </button>
  );
  return (
    <span className="jp-Mlstudio-chips">
      {chip('archived', trans.__('Archived'))}
      {chip('deleted', trans.__('Deleted'))}
    </span>
  );
}

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
          .replace(String(rows.total), formatNumber(rows.total))
      : trans.__(
          '%1 of %2 components',
          formatNumber(rows.count),
          formatNumber(rows.total)
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
  const latest = React.useRef(text);
  latest.current = text;
  // Not after five quiet seconds: where runs come faster nothing would ever be said.
  const say = useThrottle(() => setSaid(latest.current), 5000);
  React.useEffect(say, [text, say]);
  return (
    <span className="jp-Mlstudio-hidden" aria-live="polite">
      {said}
    </span>
  );
}

/** Typing asks for pages after a moment, so that a fast typist asks once. */
const TYPING_MS = 50;

function QuickFilter(props: {
  text: string;
  /** Whether all rows are here: then they are filtered with the next frame. */
  local: boolean;
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
    const tell = (): void => {
      told.current = text;
      onText(text);
    };
    if (props.local) {
      const frame = requestAnimationFrame(tell);
      return () => cancelAnimationFrame(frame);
    }
    const timer = setTimeout(tell, TYPING_MS);
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
