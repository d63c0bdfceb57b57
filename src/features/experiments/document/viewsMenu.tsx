/** The menu of saved views: take one, save, rename, make it the first, delete it with a way back. */
import * as React from 'react';

import { UserText, useStudio } from '../../../components/common';
import { Popover } from '../../../components/table';
import type { SetView } from './documentView';
import {
  isChanged,
  isDefault,
  viewOf,
  type ISavedViews,
  type SavedView
} from './savedViews';
import { useViewActions, type IViewActions } from './viewActions';
import { DEFAULT_VIEW, type IDocumentView } from './viewState';

interface IViewsMenuProps {
  readonly saved: ISavedViews;
  readonly view: IDocumentView;
  onView: SetView;
}

export function ViewsMenu(props: IViewsMenuProps): JSX.Element {
  const { saved, view } = props;
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  const active = saved.views.find(one => one.uid === view.saved);
  const changed = active !== undefined && isChanged(active, view);
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        title={
          changed
            ? trans.__('This view was changed and not saved.')
            : trans.__('Saved views of this experiment')
        }
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        {active === undefined ? (
          trans.__('Views')
        ) : (
          <>
            <span className="jp-Mlstudio-hidden">{trans.__('View')} </span>
            <UserText text={active.name} max={30} />
          </>
        )}
        {changed && (
          <span className="jp-Mlstudio-changed" aria-hidden="true">
            ●
          </span>
        )}
        {changed && (
          <span className="jp-Mlstudio-hidden"> {trans.__('(changed)')}</span>
        )}
        <Caret />
      </button>
      {anchor !== null && (
        <ViewsPanel
          {...props}
          anchor={anchor}
          active={active}
          changed={changed}
          onClose={close}
        />
      )}
    </>
  );
}

/** The small triangle of a button that opens something. */
export function Caret(): JSX.Element {
  return (
    <span className="jp-Mlstudio-caret" aria-hidden="true">
      ▾
    </span>
  );
}

interface IViewsPanelProps extends IViewsMenuProps {
  readonly anchor: HTMLElement;
  readonly active: SavedView | undefined;
  readonly changed: boolean;
  onClose(): void;
}

function ViewsPanel(props: IViewsPanelProps): JSX.Element {
  const { saved, view, active, changed, onView, onClose } = props;
  const { trans } = useStudio();
  const act = useViewActions(props);
  const [name, setName] = React.useState('');
  const save = (): void => {
    if (name.trim() !== '') {
      void act.create(name.trim());
      onClose();
    }
  };
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Saved views')}
      onClose={onClose}
    >
      {changed && active !== undefined && (
        <div className="jp-Mlstudio-columnActions">
          <button
            type="button"
            className="jp-Mlstudio-button"
            onClick={() => {
              void act.update(active);
              onClose();
            }}
          >
            {trans.__('Save changes')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-button"
            onClick={() => {
              onView(now => viewOf(active, now));
              onClose();
            }}
          >
            {trans.__('Discard changes')}
          </button>
        </div>
      )}
      <ul className="jp-Mlstudio-viewList">
        <li>
          <button
            type="button"
            className="jp-Mlstudio-menuItem"
            aria-pressed={active === undefined}
            onClick={() => {
              onView(now => ({ ...DEFAULT_VIEW, selected: now.selected }));
              onClose();
            }}
          >
            {trans.__('Everything, as at first')}
          </button>
        </li>
        {saved.views.map(one => (
          <ViewItem
            key={one.uid}
            view={one}
            active={one === active}
            act={act}
            onTake={() => {
              onView(now => viewOf(one, now));
              onClose();
            }}
          />
        ))}
      </ul>
      <form
        className="jp-Mlstudio-columnActions"
        onSubmit={event => {
          event.preventDefault();
          save();
        }}
      >
        <input
          className="jp-Mlstudio-input"
          value={name}
          maxLength={200}
          placeholder={trans.__('Name of a new view')}
          aria-label={trans.__('Name of a new view')}
          onChange={event => setName(event.target.value)}
        />
        <button
          type="submit"
          className="jp-Mlstudio-button"
          disabled={name.trim() === ''}
        >
          {trans.__('Save as')}
        </button>
      </form>
      {view.where !== '' && (
        <p className="jp-Mlstudio-hint">
          {trans.__('The query is part of the view.')}
        </p>
      )}
    </Popover>
  );
}

function ViewItem(props: {
  view: SavedView;
  active: boolean;
  act: IViewActions;
  onTake(): void;
}): JSX.Element {
  const { view, active, act, onTake } = props;
  const { trans } = useStudio();
  const [name, setName] = React.useState<string | null>(null);
  const first = isDefault(view);
  const short = view.name.slice(0, 80);
  if (name !== null) {
    return (
      <li>
        <input
          autoFocus
          className="jp-Mlstudio-input"
          value={name}
          maxLength={200}
          aria-label={trans.__('New name of %1', short)}
          onChange={event => setName(event.target.value)}
          onBlur={() => setName(null)}
          onKeyDown={event => {
            if (event.key === 'Enter' && name.trim() !== '') {
              void act.rename(view, name.trim());
              setName(null);
            } else if (event.key === 'Escape') {
              event.stopPropagation();
              setName(null);
            }
          }}
        />
      </li>
    );
  }
  const icon = (
    label: string,
    sign: string,
    run: () => void,
    pressed?: boolean
  ): JSX.Element => (
    <button
      type="button"
      className="jp-Mlstudio-iconButton"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={run}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
  return (
    <li>
      <button
        type="button"
        className="jp-Mlstudio-menuItem"
        aria-pressed={active}
        title={trans.__('By %1', view.owner.slice(0, 80))}
        onClick={onTake}
      >
        <UserText text={view.name} max={40} />
      </button>
      {icon(
        first
          ? trans.__('%1 is what the experiment opens with', short)
          : trans.__('Open the experiment with %1', short),
        first ? '◉' : '○',
        () => void act.makeFirst(first ? null : view),
        first
      )}
      {icon(trans.__('Rename %1', short), '✎', () => setName(view.name))}
      {icon(trans.__('Delete %1', short), '✕', () => void act.remove(view))}
    </li>
  );
}
