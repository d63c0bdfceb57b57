/** What rows are grouped by: the levels in their order, and columns to add. */
import { treeViewIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { UserText, useStudio } from '../../../components/common';
import {
  CLOSED,
  findColumns,
  groupOf,
  labelOf,
  MOST_LEVELS,
  Popover,
  type IColumn
} from '../../../components/table';
import { ToolFace } from './toolFace';
import { Caret } from './viewsMenu';
import type { IGroupView } from './viewState';

interface IGroupMenuProps {
  readonly group: IGroupView;
  readonly columns: readonly IColumn[];
  /** Why rows cannot be grouped now, or empty. */
  readonly reason: string;
  onGroup(group: IGroupView): void;
}

/** Columns that are listed before somebody searches. */
const LISTED = 40;
/** Meta columns whose values many rows share. */
const SHARED = new Set([
  'status',
  'kind',
  'user',
  'host',
  'trial',
  'parent',
  'created',
  'started',
  'ended',
  'starred',
  'source'
]);

/** Columns worth grouping by: those whose values repeat come first. */
export function groupable(columns: readonly IColumn[]): IColumn[] {
  const rank = (c: IColumn): number =>
    (c.group === 'params' || c.group === 'tags' ? 0 : 1) +
    (c.distinct === undefined || c.distinct > 50 || c.distinct < 2 ? 2 : 0);
  return columns
    .filter(c => c.group !== 'metrics')
    .filter(c => groupOf(c.key) !== 'meta' || SHARED.has(c.key))
    .map((c, i) => ({ c, i }))
    .sort((a, b) => rank(a.c) - rank(b.c) || a.i - b.i)
    .map(({ c }) => c);
}

export function GroupMenu(props: IGroupMenuProps): JSX.Element {
  const { group, reason } = props;
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  const { by } = group;
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-pressed={by.length > 0}
        disabled={reason !== ''}
        title={reason || trans.__('Group rows that have the same values')}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        <ToolFace
          icon={treeViewIcon}
          label={
            by.length === 0
              ? trans.__('Group')
              : trans.__(
                  'Group: %1',
                  by.map(k => labelOf(k, trans).slice(0, 16)).join(', ')
                )
          }
        />
        <Caret />
      </button>
      {anchor !== null && (
        <Popover
          anchor={anchor}
          role="dialog"
          label={trans.__('Group rows')}
          onClose={close}
        >
          <Levels {...props} />
          <Choices {...props} />
        </Popover>
      )}
    </>
  );
}

function Levels(props: IGroupMenuProps): JSX.Element | null {
  const { group, onGroup } = props;
  const { trans } = useStudio();
  const { by } = group;
  if (by.length === 0) {
    return null;
  }
  const set = (next: readonly string[]): void =>
    onGroup({ by: next, open: CLOSED });
  const swap = (i: number): void => {
    const next = [...by];
    [next[i - 1], next[i]] = [next[i], next[i - 1]];
    set(next);
  };
  return (
    <>
      <ol className="jp-Mlstudio-levels">
        {by.map((key, i) => {
          const label = labelOf(key, trans).slice(0, 60);
          return (
            <li key={key}>
              <UserText text={label} />
              <button
                type="button"
                className="jp-Mlstudio-iconButton"
                disabled={i === 0}
                aria-label={trans.__('Put %1 further out', label)}
                onClick={() => swap(i)}
              >
                <span aria-hidden="true">↑</span>
              </button>
              <button
                type="button"
                className="jp-Mlstudio-iconButton"
                aria-label={trans.__('Do not group by %1', label)}
                onClick={() => set(by.filter(k => k !== key))}
              >
                <span aria-hidden="true">✕</span>
              </button>
            </li>
          );
        })}
      </ol>
      <div className="jp-Mlstudio-columnActions">
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => onGroup({ by, open: { all: true, except: [] } })}
        >
          {trans.__('Open all')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => onGroup({ by, open: CLOSED })}
        >
          {trans.__('Close all')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => set([])}
        >
          {trans.__('Do not group')}
        </button>
      </div>
    </>
  );
}

function Choices(props: IGroupMenuProps): JSX.Element {
  const { group, columns, onGroup } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const { by } = group;
  const found = findColumns(groupable(columns), text, trans).filter(
    c => !by.includes(c.key)
  );
  return (
    <>
      <input
        type="search"
        className="jp-Mlstudio-input"
        placeholder={trans.__('Group by…')}
        aria-label={trans.__('Find a column to group by')}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <div className="jp-Mlstudio-columnList">
        {found.slice(0, LISTED).map(c => (
          <button
            key={c.key}
            type="button"
            className="jp-Mlstudio-menuItem jp-mod-wide"
            disabled={by.length >= MOST_LEVELS}
            onClick={() => onGroup({ by: [...by, c.key], open: group.open })}
          >
            <UserText text={labelOf(c.key, trans)} max={50} />
            {c.distinct !== undefined && (
              <span className="jp-Mlstudio-hint">
                {trans._n('%1 value', '%1 values', c.distinct)}
              </span>
            )}
          </button>
        ))}
        {found.length > LISTED && (
          <p className="jp-Mlstudio-hint">
            {trans.__('%1 more: search to find them.', found.length - LISTED)}
          </p>
        )}
        {found.length === 0 && (
          <p className="jp-Mlstudio-hint">
            {trans.__('No column has this name.')}
          </p>
        )}
      </div>
    </>
  );
}
