/** What can be done with the selected rows: it depends on whether they are active, archived or deleted. */
import { InputDialog, Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { StudioError } from '../../../api/errors';
import { useStudio, type IStudioServices } from '../../../components/common';
import {
  Popover,
  type IColumn,
  type IRowSource,
  type Selection
} from '../../../components/table';
import { bulk } from './bulk';
import type { Records } from './edits';
import { moveRows } from './moveRows';
import type { RowState } from './rowsReader';
import { Caret } from './viewsMenu';

interface ISelectionBarProps {
  readonly experiment: string;
  readonly rows: IRowSource;
  readonly columns: readonly IColumn[];
  readonly selection: Selection;
  readonly state: RowState;
  readonly records: Records;
  onSelection(selection: Selection): void;
  /** Rows came or went: what is shown may be old. */
  onMoved(): void;
}

export function SelectionBar(props: ISelectionBarProps): JSX.Element | null {
  const { selection, state } = props;
  const services = useStudio();
  const { trans } = services;
  const latest = React.useRef(selection);
  latest.current = selection;
  if (selection.size === 0) {
    return null;
  }
  const act = actions(services, props, latest);
  const button = (
    label: string,
    run: () => void,
    title = '',
    enabled = true
  ): JSX.Element => (
    <button
      type="button"
      className="jp-Mlstudio-button"
      title={title || undefined}
      disabled={!enabled}
      onClick={run}
    >
      {label}
    </button>
  );
  return (
    <div
      className="jp-Mlstudio-selected"
      role="group"
      aria-label={trans.__('The selected rows')}
    >
      <span className="jp-Mlstudio-count">
        {trans._n('%1 selected', '%1 selected', selection.size)}
      </span>
      {state !== 'deleted' &&
        button(
          trans.__('Compare'),
          act.compare,
          trans.__('Side by side: parameters, metrics, code'),
          selection.size > 1
        )}
      {state === 'active' && button(trans.__('Star'), act.star)}
      {state === 'active' && <TagButton {...props} />}
      {state === 'active' && button(trans.__('Move…'), act.move)}
      {state !== 'deleted' &&
        button(
          state === 'archived'
            ? trans.__('Take out of the archive')
            : trans.__('Archive'),
          act.archive
        )}
      {state === 'deleted' && button(trans.__('Restore'), act.restore)}
      {state === 'deleted'
        ? button(trans.__('Delete for good…'), act.purge)
        : button(trans.__('Delete'), act.remove)}
      <button
        type="button"
        className="jp-Mlstudio-link"
        onClick={() => props.onSelection(selection.clear())}
      >
        {trans.__('clear')}
      </button>
    </div>
  );
}

interface IActions {
  compare(): void;
  star(): void;
  move(): void;
  archive(): void;
  restore(): void;
  remove(): void;
  purge(): void;
}

function actions(
  services: IStudioServices,
  props: ISelectionBarProps,
  latest: { readonly current: Selection }
): IActions {
  const { trans, commands } = services;
  const { records, rows, selection, state, onMoved, onSelection } = props;
  const names = [...selection.names];
  const said = saidOf(rows, names);
  const starred = (name: string): boolean => {
    const cell = rows.flat.cell(rows.flat.indexOf(name), 'starred');
    return cell === 1 || cell === 'true';
  };
  // When it is over something else may be selected: that stays.
  const leave = (): void => {
    const left = latest.current.without(names);
    if (left !== latest.current) {
      onSelection(left);
    }
    onMoved();
  };
  return {
    compare: () => void commands.execute('mlstudio:compare-trials', { names }),
    star: () => {
      const on = !names.every(starred);
      void bulk(
        services,
        names.filter(name => starred(name) !== on),
        {
          doing: on ? trans.__('Starring') : trans.__('Taking stars away'),
          done: said(
            name =>
              on
                ? trans.__('“%1” has a star.', name)
                : trans.__('“%1” has no star.', name),
            n => trans._n('%1 row changed.', '%1 rows changed.', n)
          ),
          work: name => records.star(name, on),
          undo: name => records.star(name, !on)
        }
      );
    },
    move: () => void moveRows(services, names, leave),
    archive: () => {
      const on = state === 'active';
      void bulk(services, names, {
        doing: on ? trans.__('Archiving') : trans.__('Taking out'),
        done: said(
          name =>
            on
              ? trans.__('“%1” was archived.', name)
              : trans.__('“%1” was taken out of the archive.', name),
          n =>
            on
              ? trans._n('%1 row archived.', '%1 rows archived.', n)
              : trans._n('%1 row taken out.', '%1 rows taken out.', n)
        ),
        work: name => records.archive(name, on),
        undo: name => records.archive(name, !on),
        settled: leave
      });
    },
    restore: () =>
      void bulk(services, names, {
        doing: trans.__('Restoring'),
        done: said(
          name => trans.__('“%1” was restored.', name),
          n => trans._n('%1 row restored.', '%1 rows restored.', n)
        ),
        work: name => records.restore(name),
        undo: name => records.remove(name),
        settled: leave
      }),
    remove: () =>
      void bulk(services, names, {
        doing: trans.__('Deleting'),
        done: said(
          name => trans.__('“%1” was deleted.', name),
          n => trans._n('%1 row deleted.', '%1 rows deleted.', n)
        ),
        work: name => records.remove(name),
        undo: name => records.restore(name),
        settled: leave
      }),
    purge: () => void purge(services, props, names, leave)
  };
}

/** What was done to these rows: to one by its name, so that toasts of several are told apart. */
const saidOf =
  (rows: IRowSource, names: readonly string[]) =>
  (one: (name: string) => string, many: (count: number) => string) =>
  (count: number): string =>
    names.length === 1 ? one(rows.labelOf(names[0]).slice(0, 60)) : many(count);

/** Nothing brings it back: the name is typed first (the experiment's for several rows). */
async function purge(
  services: IStudioServices,
  { records, experiment }: ISelectionBarProps,
  names: readonly string[],
  settled: () => void
): Promise<void> {
  const { trans } = services;
  const title = trans.__('Delete for Good');
  const proof = names.length === 1 ? names[0] : experiment;
  const answer = await InputDialog.getText({
    title,
    label:
      names.length === 1
        ? trans.__(
            'Nothing brings it back, and its files are removed from the disk. Type its name: %1',
            proof
          )
        : trans.__(
            'Nothing brings these %1 rows back, and their files are removed from the disk. Type the name of the experiment: %2',
            names.length,
            proof
          ),
    placeholder: proof,
    okLabel: title
  });
  if (!answer.button.accept) {
    return;
  }
  if (answer.value?.trim() !== proof) {
    Notification.warning(
      trans.__('That is another name: nothing was removed.')
    );
    return;
  }
  await bulk(services, names, {
    doing: trans.__('Removing'),
    done: n => trans._n('%1 row removed.', '%1 rows removed.', n),
    work: name => records.purge(name),
    settled
  });
}

function TagButton(props: ISelectionBarProps): JSX.Element {
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        {trans.__('Tag')}
        <Caret />
      </button>
      {anchor !== null && (
        <TagPanel {...props} anchor={anchor} onClose={close} />
      )}
    </>
  );
}

/** Tags that are offered while one is typed. */
const OFFERED = 200;

function TagPanel(
  props: ISelectionBarProps & { anchor: HTMLElement; onClose(): void }
): JSX.Element {
  const { records, selection, columns, onClose } = props;
  const services = useStudio();
  const { trans } = services;
  const [tag, setTag] = React.useState('');
  const [value, setValue] = React.useState('');
  const id = React.useId();
  const known = columns.filter(c => c.group === 'tags').slice(0, OFFERED);
  const set = (next: string | null): void => {
    const before = new Map<string, string | null>();
    const key = `tags.${tag.trim()}` as const;
    onClose();
    void bulk(services, [...selection.names], {
      doing: trans.__('Tagging'),
      done: saidOf(props.rows, [...selection.names])(
        name => trans.__('“%1” was tagged.', name),
        n => trans._n('%1 row changed.', '%1 rows changed.', n)
      ),
      work: async name => {
        before.set(name, await records.tag(name, tag.trim(), next));
      },
      undo: async name => {
        const was = before.get(name) ?? null;
        const theirs = await records.save({ name, key, base: next, next: was });
        if (theirs !== null) {
          const said = trans.__('Somebody else changed it since.');
          throw new StudioError('version_conflict', said);
        }
      }
    });
  };
  const ready = tag.trim() !== '';
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Tag the selected rows')}
      onClose={onClose}
    >
      <form
        className="jp-Mlstudio-tagForm"
        onSubmit={event => {
          event.preventDefault();
          if (ready) {
            set(value);
          }
        }}
      >
        <input
          className="jp-Mlstudio-input"
          value={tag}
          maxLength={128}
          list={id}
          placeholder={trans.__('Tag')}
          aria-label={trans.__('Tag')}
          onChange={event => setTag(event.target.value)}
        />
        <datalist id={id}>
          {known.map(c => (
            <option key={c.key} value={c.key.slice('tags.'.length)} />
          ))}
        </datalist>
        <input
          className="jp-Mlstudio-input"
          value={value}
          maxLength={256}
          placeholder={trans.__('Value (may be empty)')}
          aria-label={trans.__('Value (may be empty)')}
          onChange={event => setValue(event.target.value)}
        />
        <div className="jp-Mlstudio-columnActions">
          <button
            type="submit"
            className="jp-Mlstudio-button jp-mod-primary"
            disabled={!ready}
          >
            {trans.__('Set')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-button"
            disabled={!ready}
            onClick={() => set(null)}
          >
            {trans.__('Take away')}
          </button>
        </div>
      </form>
    </Popover>
  );
}
