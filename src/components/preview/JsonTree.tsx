/** A JSON document as a tree that opens step by step; what is closed is not drawn. */
import * as React from 'react';

import { UserText, useStudio } from '../common';

const FIRST = 100;

type Entry = readonly [key: string, value: unknown];

const isNode = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

const entriesOf = (value: object): Entry[] =>
  Array.isArray(value)
    ? value.map((one, i): Entry => [String(i), one])
    : Object.entries(value);

function leafText(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : String(value ?? null);
}

function Node(props: {
  readonly name: string;
  readonly value: unknown;
  readonly open: boolean;
}): React.ReactElement {
  const { trans } = useStudio();
  const { name, value } = props;
  const [open, setOpen] = React.useState(props.open);
  const [shown, setShown] = React.useState(FIRST);
  if (!isNode(value)) {
    return (
      <li className="jp-Mlstudio-json-leaf">
        <span className="jp-Mlstudio-json-key">
          <UserText text={name} max={200} />
        </span>
        <span data-type={value === null ? 'null' : typeof value}>
          <UserText text={leafText(value)} max={1000} />
        </span>
      </li>
    );
  }
  const entries = entriesOf(value);
  const brackets = Array.isArray(value) ? '[ ]' : '{ }';
  return (
    <li>
      <details
        open={open}
        onToggle={event => {
          event.stopPropagation();
          setOpen(event.currentTarget.open);
        }}
      >
        <summary>
          <span className="jp-Mlstudio-json-key">
            <UserText text={name} max={200} />
          </span>
          <span className="jp-Mlstudio-json-size">
            {brackets} {trans._n('%1 entry', '%1 entries', entries.length)}
          </span>
        </summary>
        {open && (
          <ul>
            {entries.slice(0, shown).map(([key, one]) => (
              <Node key={key} name={key} value={one} open={false} />
            ))}
            {entries.length > shown && (
              <li>
                <button
                  type="button"
                  className="jp-Mlstudio-link"
                  onClick={() => setShown(shown + FIRST)}
                >
                  {trans.__('Show more of %1', entries.length)}
                </button>
              </li>
            )}
          </ul>
        )}
      </details>
    </li>
  );
}

/** The document. */
export function JsonTree(props: {
  readonly document: unknown;
}): React.ReactElement {
  const { trans } = useStudio();
  const { document } = props;
  return (
    <ul className="jp-Mlstudio-json" aria-label={trans.__('JSON document')}>
      <Node name={trans.__('document')} value={document} open />
    </ul>
  );
}
