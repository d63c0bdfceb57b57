/** A search over parts of which there may be very many, what of them is shown, and the way to more. */
import * as React from 'react';

import { Banner, formatNumber, useStudio } from '../../../components/common';
import type { IParts } from './parts';

/** Typing rests so long before parts are asked for. */
const WAIT_MS = 200;

/** A text once it has rested. */
export function useRested(text: string): string {
  const [rested, setRested] = React.useState(text);
  React.useEffect(() => {
    const timer = setTimeout(() => setRested(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

/** The search box, and how many of how many are shown. */
export function PartsBar(props: {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly parts: IParts<unknown>;
}): React.ReactElement {
  const { trans } = useStudio();
  const { items, total, busy, error, pending } = props.parts;
  const said = pending
    ? trans.__('Loading…')
    : trans.__(
        'Showing %1 of %2',
        formatNumber(items.length),
        formatNumber(total)
      );
  return (
    <>
      <div className="jp-Mlstudio-chartbar">
        <input
          type="search"
          className="jp-Mlstudio-filter"
          aria-label={props.label}
          placeholder={trans.__('Filter by name')}
          value={props.text}
          onChange={event => props.onText(event.target.value)}
        />
        <span className="jp-Mlstudio-note" role="status" aria-busy={busy}>
          {said}
        </span>
      </div>
      <Banner error={error} retry={props.parts.load} />
    </>
  );
}

/** A button for the next page; none when all is there. */
export function MoreParts(props: {
  readonly parts: IParts<unknown>;
}): React.ReactElement | null {
  const { trans } = useStudio();
  const { busy, items, more, load, total } = props.parts;
  return more ? (
    <button
      type="button"
      className="jp-Mlstudio-button jp-Mlstudio-more"
      disabled={busy}
      onClick={load}
    >
      {busy
        ? trans.__('Loading…')
        : trans.__(
            'Load more: %1 are left',
            formatNumber(total - items.length)
          )}
    </button>
  ) : null;
}
