/** No rows: either nothing matches, or nothing was recorded yet; then the code that fills the table. */
import * as React from 'react';

import { useStudio } from '../../../components/common';
import { codeFor } from './query';
import type { RowState } from './rowsReader';

interface IEmptyRowsProps {
  readonly experiment: string;
  readonly state: RowState;
  readonly filtered: boolean;
  onClear(): void;
}

export function EmptyRows(props: IEmptyRowsProps): JSX.Element {
  const { trans } = useStudio();
  if (props.filtered) {
    return (
      <div className="jp-Mlstudio-emptyRows">
        <p>{trans.__('No trial matches.')}</p>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={props.onClear}
        >
          {trans.__('Clear the filters')}
        </button>
      </div>
    );
  }
  if (props.state !== 'active') {
    return (
      <p className="jp-Mlstudio-emptyRows">
        {props.state === 'archived'
          ? trans.__('Nothing of this experiment is in the archive.')
          : trans.__('Nothing of this experiment is deleted.')}
      </p>
    );
  }
  const code = codeFor(props.experiment);
  return (
    <div className="jp-Mlstudio-emptyRows">
      <p>
        {trans.__(
          'Nothing was recorded in this experiment yet. These lines do it:'
        )}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        aria-label={trans.__('Example code')}
      >
        {code}
      </pre>
      <button
        type="button"
        className="jp-Mlstudio-button"
        onClick={() => void navigator.clipboard.writeText(code)}
      >
        {trans.__('Copy')}
      </button>
      <p className="jp-Mlstudio-hint">
        {trans.__('The row appears here while the code runs.')}
      </p>
    </div>
  );
}
