/** A note that the view names columns which are gone; they are left out of what is shown. */
import * as React from 'react';

import { useStudio } from '../../../components/common';
import { labelOf } from '../../../components/table';
import { goneColumns } from './columnList';
import type { SetView } from './documentView';
import type { IRowsState } from './rowsState';
import { namedKeys, withoutColumns } from './savedViews';
import type { IDocumentView } from './viewState';

/** Columns that are named in the note; of more the number is told. */
const NAMED = 5;

export function ViewNote(props: {
  state: IRowsState;
  view: IDocumentView;
  onView: SetView;
}): JSX.Element | null {
  const { state, view, onView } = props;
  const { trans } = useStudio();
  const [hidden, setHidden] = React.useState('');
  const gone = React.useMemo(
    () =>
      // Before the first answer, and in an empty experiment, nothing is known of columns.
      state.infos.length === 0 || view.state !== 'active'
        ? []
        : goneColumns(
            state.infos,
            state.rows?.discovered ?? [],
            namedKeys(view),
            state.totals
          ),
    [state.infos, state.rows, view.layout, view.sort, view.group.by, view.state]
  );
  const key = gone.join('\n');
  if (gone.length === 0 || key === hidden) {
    return null;
  }
  const names = gone.slice(0, NAMED).map(k => labelOf(k, trans).slice(0, 40));
  const more = gone.length - names.length;
  const listed =
    names.join(', ') +
    (more > 0 ? ` ${trans._n('and %1 more', 'and %1 more', more)}` : '');
  return (
    <div className="jp-Mlstudio-viewNote" role="status">
      <span>
        <bdi>
          {trans.__(
            'This view names columns that do not exist any more; they are left out: %1',
            listed
          )}
        </bdi>
      </span>
      <button
        type="button"
        className="jp-Mlstudio-button"
        onClick={() => onView(now => withoutColumns(now, new Set(gone)))}
      >
        {trans.__('Remove them from the view')}
      </button>
      <button
        type="button"
        className="jp-Mlstudio-iconButton"
        aria-label={trans.__('Hide this note')}
        onClick={() => setHidden(key)}
      >
        <span aria-hidden="true">✕</span>
      </button>
    </div>
  );
}
