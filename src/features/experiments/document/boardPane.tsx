/**
 * The charts, drawn after the table: a sort or a click shows in the rows first.
 *
 * Runs and selection come late on purpose (`useDeferredValue`); what the user does to a chart
 * itself does not, or a text field in it would lose what is typed.
 */
import * as React from 'react';

import type { IRowSource, Selection } from '../../../components/table';
import { Board } from './board';
import type { SetView } from './documentView';
import type { RowsData } from './rowsData';
import type { IRowsState } from './rowsState';
import type { IDocumentView } from './viewState';

interface IBoardPaneProps {
  readonly experiment: string;
  readonly data: RowsData;
  readonly rows: IRowSource;
  readonly state: IRowsState;
  readonly runs: readonly string[];
  readonly selection: Selection;
  readonly view: IDocumentView;
  readonly visible: boolean;
  onView: SetView;
  onSelection(selection: Selection): void;
  onBrushed(names: ReadonlySet<string> | null): void;
}

export function BoardPane(props: IBoardPaneProps): JSX.Element {
  const { experiment, data, rows, view, onView, onSelection } = props;
  const { columns } = props.state;
  const { where, board, chartsOpen } = view;
  const grouping = view.group.by;
  const runs = React.useDeferredValue(props.runs);
  const selection = React.useDeferredValue(props.selection);
  const visible = props.visible && chartsOpen;
  const latest = React.useRef(props.selection);
  latest.current = props.selection;
  // The same element is not drawn again.
  return React.useMemo(
    () => (
      <Board
        experiment={experiment}
        where={where}
        data={data}
        rows={rows}
        columns={columns}
        runs={runs}
        selection={selection}
        grouping={grouping}
        view={board}
        visible={visible}
        onView={change => onView(v => ({ ...v, board: change(v.board) }))}
        onPick={name => onSelection(latest.current.toggle(name))}
        onBrushed={props.onBrushed}
      />
    ),
    [
      experiment,
      where,
      data,
      rows,
      columns,
      runs,
      selection,
      grouping,
      board,
      visible,
      onView,
      onSelection,
      props.onBrushed
    ]
  );
}
