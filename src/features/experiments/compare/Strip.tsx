/** The trials of a comparison: their colours, their order, which one is the baseline; add and remove. */
import {
  caretLeftIcon,
  caretRightIcon,
  closeIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { palette } from '../../../components/charts/palette';
import {
  Banner,
  Status,
  UserText,
  shownStatus,
  useStudio
} from '../../../components/common';
import { MAX_COMPARED } from '../links';
import { useFound } from './data';
import type { Compared } from './data';
import { moved, withBaseline } from './model';

interface IStripProps {
  readonly names: readonly string[];
  readonly components: readonly Compared[];
  readonly onNames: (names: string[]) => void;
}

/** What a compared component is called. */
export const labelAt = (name: string, component: Compared): string =>
  component?.display_name || name;

/** The colour that the curves of a component have. */
export function Swatch(props: { readonly name: string }): React.ReactElement {
  const { slot } = palette.styleOf(props.name);
  return (
    <span
      className="jp-Mlstudio-runColor"
      aria-hidden="true"
      style={{ background: `var(--jp-mlstudio-series-${slot})` }}
    />
  );
}

function Chip(
  props: IStripProps & { readonly name: string; readonly at: number }
): React.ReactElement {
  const { trans, commands } = useStudio();
  const { names, name, at, onNames } = props;
  const component = props.components[at];
  const label = labelAt(name, component);
  return (
    <li className="jp-Mlstudio-compared" data-name={name}>
      <span className="jp-Mlstudio-compared-head">
        <Swatch name={name} />
        {component && (
          <Status
            status={shownStatus(component.status, component.start_time ?? null)}
          />
        )}
        <button
          type="button"
          className="jp-Mlstudio-link"
          disabled={component === null}
          onClick={() =>
            void commands.execute('mlstudio:open-component', { name })
          }
        >
          <UserText text={label} max={60} />
        </button>
      </span>
      <span className="jp-Mlstudio-compared-tools">
        {component === null ? (
          <em>{trans.__('deleted for good')}</em>
        ) : at === 0 ? (
          <strong>{trans.__('Baseline')}</strong>
        ) : (
          <button
            type="button"
            className="jp-Mlstudio-link"
            aria-label={trans.__('Make %1 the baseline', label)}
            onClick={() => onNames(withBaseline(names, name))}
          >
            {trans.__('Make baseline')}
          </button>
        )}
        <button
          type="button"
          className="jp-Mlstudio-icon-button"
          aria-label={trans.__('Move %1 to the left', label)}
          disabled={at === 0}
          onClick={() => onNames(moved(names, name, -1))}
        >
          <caretLeftIcon.react tag="span" elementSize="normal" />
        </button>
        <button
          type="button"
          className="jp-Mlstudio-icon-button"
          aria-label={trans.__('Move %1 to the right', label)}
          disabled={at === names.length - 1}
          onClick={() => onNames(moved(names, name, 1))}
        >
          <caretRightIcon.react tag="span" elementSize="normal" />
        </button>
        <button
          type="button"
          className="jp-Mlstudio-icon-button"
          aria-label={trans.__('Take %1 out', label)}
          disabled={names.length === 1}
          onClick={() => onNames(names.filter(one => one !== name))}
        >
          <closeIcon.react tag="span" elementSize="normal" />
        </button>
      </span>
    </li>
  );
}

function Finder(props: {
  readonly names: readonly string[];
  readonly onAdd: (name: string) => void;
  readonly onClose: () => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const query = useFound(text.trim(), true);
  const items = (query.data ?? []).filter(
    one => !props.names.includes(one.name)
  );
  return (
    <div
      className="jp-Mlstudio-finder"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      <input
        type="search"
        autoFocus
        className="jp-Mlstudio-filter"
        aria-label={trans.__('Find a trial component by name')}
        placeholder={trans.__('Name of a trial component')}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <Banner error={query.error} retry={() => void query.refetch()} />
      <ul aria-label={trans.__('Found trial components')}>
        {items.map(one => (
          <li key={one.name}>
            <button
              type="button"
              className="jp-Mlstudio-found"
              onClick={() => props.onAdd(one.name)}
            >
              <Status
                status={shownStatus(one.status, one.start_time ?? null)}
              />
              <UserText text={one.display_name || one.name} max={80} />
              <span className="jp-Mlstudio-why">
                <UserText
                  text={(one.trials ?? [])[0]?.experiment_name ?? ''}
                  max={60}
                />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {query.isSuccess && items.length === 0 && (
        <p className="jp-Mlstudio-note">{trans.__('Nothing found.')}</p>
      )}
    </div>
  );
}

/** The strip above a comparison. */
export function Strip(props: IStripProps): React.ReactElement {
  const { trans } = useStudio();
  const { names } = props;
  const [adding, setAdding] = React.useState(names.length < 2);
  const full = names.length >= MAX_COMPARED;
  palette.settle(names);
  return (
    <div className="jp-Mlstudio-strip">
      <ol aria-label={trans.__('Compared trials')}>
        {names.map((name, at) => (
          <Chip key={name} {...props} name={name} at={at} />
        ))}
        <li>
          <button
            type="button"
            className="jp-Mlstudio-button"
            aria-expanded={adding}
            disabled={full}
            onClick={() => setAdding(!adding)}
          >
            {trans.__('Add a trial…')}
          </button>
        </li>
      </ol>
      {adding && !full && (
        <Finder
          names={names}
          onAdd={name => props.onNames([...names, name])}
          onClose={() => setAdding(false)}
        />
      )}
    </div>
  );
}
