/** A unified diff with its lines marked by sign, element and colour; the code is text. */
import * as React from 'react';

import { useStudio } from './context';
import { diffCounts, diffLines } from './diffLines';
import type { IDiffLine } from './diffLines';

/** Lines that are drawn before "show all" is asked for. */
const FIRST = 2000;

const SIGNS: Record<IDiffLine['kind'], string> = {
  file: ' ',
  hunk: ' ',
  add: '+',
  del: '-',
  same: ' '
};

function Line(props: { readonly line: IDiffLine }): React.ReactElement {
  const { line } = props;
  const Text =
    line.kind === 'add' ? 'ins' : line.kind === 'del' ? 'del' : 'span';
  return (
    <span className="jp-Mlstudio-diff-line" data-kind={line.kind}>
      <span className="jp-Mlstudio-diff-number" aria-hidden="true">
        {line.left ?? ''}
      </span>
      <span className="jp-Mlstudio-diff-number" aria-hidden="true">
        {line.right ?? ''}
      </span>
      <span aria-hidden="true">{SIGNS[line.kind]} </span>
      <Text>{line.text === '' ? '\u00a0' : line.text}</Text>
      {'\n'}
    </span>
  );
}

interface IDiffProps {
  readonly diff: string;
  readonly label: string;
  /** The diff was cut by the server. */
  readonly truncated?: boolean;
}

/** The diff, with how many lines came and went. */
export function Diff(props: IDiffProps): React.ReactElement {
  const { trans } = useStudio();
  const [all, setAll] = React.useState(false);
  const lines = React.useMemo(() => diffLines(props.diff), [props.diff]);
  const [added, removed] = diffCounts(lines);
  const shown = all ? lines : lines.slice(0, FIRST);
  return (
    <div className="jp-Mlstudio-diff">
      <p className="jp-Mlstudio-diff-counts">
        {trans._n('%1 line added', '%1 lines added', added)}
        {' · '}
        {trans._n('%1 line removed', '%1 lines removed', removed)}
        {props.truncated && ` · ${trans.__('cut: the diff is longer')}`}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        role="region"
        aria-label={props.label}
      >
        <code>
          {shown.map((line, i) => (
            <Line key={i} line={line} />
          ))}
        </code>
      </pre>
      {shown.length < lines.length && (
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 lines', lines.length)}
        </button>
      )}
    </div>
  );
}
