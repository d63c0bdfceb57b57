/** The text query: sent on Enter, its error below with a caret under the place. */
import * as React from 'react';

import type { StudioError } from '../../../api/errors';
import { useStudio } from '../../../components/common';
import { caretOf } from './query';

interface IQueryBoxProps {
  readonly where: string;
  readonly error: StudioError | null;
  onWhere(where: string): void;
}

/** In the query's own language: the same in every tongue. */
const EXAMPLE = 'metrics.loss < 0.3 and params.lr > 0.01';

export function QueryBox(props: IQueryBoxProps): JSX.Element {
  const { where, error, onWhere } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState(where);
  const id = React.useId();
  React.useEffect(() => setText(where), [where]);
  return (
    <div className="jp-Mlstudio-query" role="search">
      <input
        type="search"
        className={`jp-Mlstudio-input${error === null ? '' : ' jp-mod-error'}`}
        value={text}
        maxLength={8000}
        spellCheck={false}
        autoComplete="off"
        placeholder={EXAMPLE}
        aria-label={trans.__('Query, sent with Enter')}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : id}
        onChange={event => {
          setText(event.target.value);
          if (event.target.value === '' && where !== '') {
            onWhere('');
          }
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            onWhere(text.trim());
          } else if (event.key === 'Escape' && text !== where) {
            setText(where);
          }
        }}
      />
      {error !== null && (
        <div id={id} className="jp-Mlstudio-queryError" role="alert">
          <Place where={where} error={error} />
          <bdi>{error.message}</bdi>
          {error.hint !== null && (
            <>
              {' '}
              <bdi>{error.hint}</bdi>
            </>
          )}
        </div>
      )}
    </div>
  );
}

const AROUND = 40;

function Place(props: {
  where: string;
  error: StudioError;
}): JSX.Element | null {
  const at = caretOf(props.error.message);
  if (at === null || at > props.where.length) {
    return null;
  }
  const from = Math.max(0, at - AROUND);
  const line = props.where.slice(from, at + AROUND).replace(/\s/g, ' ');
  return (
    <pre aria-hidden="true">
      {line}
      {'\n'}
      {' '.repeat(at - from)}^
    </pre>
  );
}
