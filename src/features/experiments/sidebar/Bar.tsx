/** Above the tree: the filter, which shelf is shown, and a way to bring runs in. */
import * as React from 'react';

import { useStudio } from '../../../components/common';
import { importIcon } from '../../../icons';
import type { ShelfKind } from './Shelf';

interface IBarProps {
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly shelf: ShelfKind | 'all';
  readonly onShelf: (shelf: ShelfKind | 'all') => void;
}

/** One line, as narrow as a sidebar. */
export function Bar(props: IBarProps): React.ReactElement {
  const { trans, commands } = useStudio();
  return (
    <div className="jp-Mlstudio-treebar">
      <input
        type="search"
        className="jp-Mlstudio-filter"
        placeholder={trans.__('Filter')}
        aria-label={trans.__('Filter experiments by name')}
        value={props.filter}
        onChange={event => props.onFilter(event.target.value)}
      />
      <select
        className="jp-Mlstudio-select"
        aria-label={trans.__('What is shown')}
        value={props.shelf}
        onChange={event =>
          props.onShelf(event.target.value as IBarProps['shelf'])
        }
      >
        <option value="all">{trans.__('All')}</option>
        <option value="starred">{trans.__('Starred')}</option>
        <option value="archived">{trans.__('Archive')}</option>
        <option value="deleted">{trans.__('Deleted')}</option>
      </select>
      <button
        type="button"
        className="jp-Mlstudio-icon-button"
        title={trans.__('Import runs…')}
        aria-label={trans.__('Import runs…')}
        onClick={() => void commands.execute('mlstudio:import-runs')}
      >
        <importIcon.react tag="span" elementSize="normal" />
      </button>
    </div>
  );
}

/** Below the first three lines: what is elsewhere need not stay there. */
export function ImportLink(): React.ReactElement {
  const { trans, commands } = useStudio();
  return (
    <p className="jp-Mlstudio-note">
      <button
        type="button"
        className="jp-Mlstudio-link"
        onClick={() => void commands.execute('mlstudio:import-runs')}
      >
        {trans.__('Import runs from MLflow, TensorBoard or W&B')}
      </button>
    </p>
  );
}
