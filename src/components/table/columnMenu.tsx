/** Which columns are shown: a searchable list by group, and the menu of one column. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatNumber } from '../common/format';
import { UserText } from '../common/text';
import {
  groupLabel,
  GROUPS,
  labelOf,
  type ColumnGroup,
  type IColumn,
  type ISortKey
} from './columns';
import {
  arrange,
  nudgeColumn,
  setPinned,
  setVisible,
  type ITableLayout
} from './layout';
import { MOST_LEVELS } from './grouping';
import { Popover } from './popover';

/** Finds columns, by a text in their key, that a list leaves out. */
export type FindMore = (
  text: string,
  signal: AbortSignal
) => Promise<readonly IColumn[]>;

interface IColumnMenuProps {
  readonly anchor: HTMLElement;
  readonly columns: readonly IColumn[];
  readonly layout: ITableLayout;
  readonly trans: TranslationBundle;
  /** Finds columns that the list leaves out. */
  findMore?: FindMore;
  /** How many columns of each group there are, where not all are listed. */
  readonly totals?: Partial<Record<string, number>>;
  onLayout(layout: ITableLayout): void;
  onClose(): void;
}

/** At most so many entries of a group are listed before the user searches. */
const LISTED = 200;

/** Columns whose key or label holds the text. */
export function findColumns(
  columns: readonly IColumn[],
  text: string,
  trans: TranslationBundle
): IColumn[] {
  const needle = text.trim().toLowerCase();
  return columns.filter(
    c =>
      needle === '' ||
      c.key.toLowerCase().includes(needle) ||
      labelOf(c.key, trans).toLowerCase().includes(needle)
  );
}

/** Show only columns that differ between rows, or all again. */
export function onlyDiffering(
  layout: ITableLayout,
  columns: readonly IColumn[]
): ITableLayout {
  const same = columns.filter(
    c => c.group !== 'meta' && c.distinct !== undefined && c.distinct <= 1
  );
  return same.reduce((next, c) => setVisible(next, c.key, false), layout);
}

/** Typing rests so long before columns are asked for. */
const WAIT_MS = 200;

/** Columns that the list leaves out, for the text; `busy` while they are looked for. */
function useMore(
  text: string,
  findMore: FindMore | undefined
): { more: readonly IColumn[]; busy: boolean } {
  const [found, setFound] = React.useState<{
    text: string;
    more: readonly IColumn[];
  }>({ text: '', more: [] });
  const wanted = findMore === undefined ? '' : text.trim();
  React.useEffect(() => {
    if (wanted === '' || findMore === undefined) {
      return;
    }
    const abort = new AbortController();
    const take = (more: readonly IColumn[]): void => {
      if (!abort.signal.aborted) {
        setFound({ text: wanted, more });
      }
    };
    const timer = setTimeout(() => {
      findMore(wanted, abort.signal).then(take, () => take([]));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [wanted, findMore]);
  const here = found.text === wanted;
  return { more: here ? found.more : [], busy: wanted !== '' && !here };
}

export function ColumnMenu(props: IColumnMenuProps): JSX.Element {
  const { columns, layout, trans, onLayout } = props;
  const [text, setText] = React.useState('');
  const arrangement = arrange(columns, layout);
  const listed = findColumns(arrangement.all, text, trans);
  const known = new Set(listed.map(c => c.key));
  const { more, busy } = useMore(text, props.findMore);
  const found = [...listed, ...more.filter(c => !known.has(c.key))];
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Columns')}
      onClose={props.onClose}
    >
      <input
        type="search"
        className="jp-Mlstudio-input"
        placeholder={trans.__('Find a column…')}
        aria-label={trans.__('Find a column')}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <div className="jp-Mlstudio-columnActions">
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => onLayout(onlyDiffering(layout, columns))}
        >
          {trans.__('Only differing')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() =>
            onLayout({
              ...layout,
              hidden: [],
              shown: [],
              order: [],
              widths: {}
            })
          }
        >
          {trans.__('Defaults')}
        </button>
      </div>
      <div className="jp-Mlstudio-columnList">
        {GROUPS.map(group => (
          <Group
            key={group}
            group={group}
            columns={found.filter(c => c.group === group)}
            isVisible={arrangement.isVisible}
            unlisted={text.trim() === '' ? unlisted(columns, group, props) : 0}
            menu={props}
          />
        ))}
        {found.length === 0 && !busy && (
          <p className="jp-Mlstudio-hint">
            {trans.__('No column has this name.')}
          </p>
        )}
        {busy && (
          <p className="jp-Mlstudio-hint" role="status">
            {trans.__('Looking for more…')}
          </p>
        )}
      </div>
    </Popover>
  );
}

/** Columns of a group that exist and are not in the list; the statistics of a metric count once. */
function unlisted(
  columns: readonly IColumn[],
  group: ColumnGroup,
  { totals }: Pick<IColumnMenuProps, 'totals'>
): number {
  const listed = columns.filter(
    c => c.group === group && (group !== 'metrics' || c.key.endsWith('.last'))
  );
  return Math.max(0, (totals?.[group] ?? 0) - listed.length);
}

function Group(props: {
  group: ColumnGroup;
  columns: readonly IColumn[];
  isVisible: (key: string) => boolean;
  /** Columns of the group that only a search finds. */
  unlisted: number;
  menu: IColumnMenuProps;
}): JSX.Element | null {
  const { group, columns, isVisible, menu } = props;
  const { trans, layout, onLayout } = menu;
  if (columns.length === 0) {
    return null;
  }
  const all = columns.every(c => isVisible(c.key));
  const setAll = (): void =>
    onLayout(
      columns.reduce((next, c) => setVisible(next, c.key, !all), layout)
    );
  return (
    <fieldset className="jp-Mlstudio-columnGroup">
      <legend>
        <span>{groupLabel(group, trans)}</span>
        <button type="button" className="jp-Mlstudio-link" onClick={setAll}>
          {all ? trans.__('hide all') : trans.__('show all')}
        </button>
      </legend>
      {columns.slice(0, LISTED).map(c => (
        <label key={c.key} className="jp-Mlstudio-columnItem">
          <input
            type="checkbox"
            checked={isVisible(c.key)}
            onChange={event =>
              onLayout(setVisible(layout, c.key, event.target.checked))
            }
          />
          <UserText text={labelOf(c.key, trans)} max={60} />
        </label>
      ))}
      {columns.length > LISTED || props.unlisted > 0 ? (
        <p className="jp-Mlstudio-hint">
          {trans.__(
            '%1 more: search to find them.',
            formatNumber(Math.max(0, columns.length - LISTED) + props.unlisted)
          )}
        </p>
      ) : null}
    </fieldset>
  );
}

/** One line of a column's menu; `act` names it for tests and measurements. */
interface IMenuItem {
  readonly act: string;
  readonly label: string;
  readonly enabled?: boolean;
  run(): void;
}

interface IHeaderMenuProps {
  readonly anchor: HTMLElement;
  readonly column: IColumn;
  readonly columns: readonly IColumn[];
  readonly layout: ITableLayout;
  readonly sort: readonly ISortKey[];
  readonly grouping?: readonly string[];
  readonly trans: TranslationBundle;
  onGrouping?(keys: readonly string[]): void;
  onLayout(layout: ITableLayout): void;
  onSort(sort: readonly ISortKey[]): void;
  onClose(): void;
}

function itemsOf(props: IHeaderMenuProps): IMenuItem[] {
  const { column, layout, sort, trans, onLayout, onSort } = props;
  const { grouping = [], onGrouping } = props;
  const { key } = column;
  const pinned = layout.pinned.includes(key);
  const others = sort.filter(s => s.key !== key);
  const by = grouping.includes(key);
  const nudge = (step: -1 | 1) => () =>
    onLayout(nudgeColumn(layout, arrange(props.columns, layout), key, step));
  const item = (
    act: string,
    label: string,
    run: () => void,
    enabled = true
  ): IMenuItem => ({ act, label, run, enabled });
  return [
    item('up', trans.__('Sort ascending'), () =>
      onSort([{ key, desc: false }])
    ),
    item('down', trans.__('Sort descending'), () =>
      onSort([{ key, desc: true }])
    ),
    item(
      'then',
      trans.__('Then sort by this'),
      () => onSort([...others, { key, desc: false }]),
      others.length > 0
    ),
    item(
      'unsort',
      trans.__('Do not sort by this'),
      () => onSort(others),
      others.length < sort.length
    ),
    ...(onGrouping === undefined || key === 'name'
      ? []
      : [
          item(
            'group',
            by ? trans.__('Do not group by this') : trans.__('Group by this'),
            () =>
              onGrouping(
                by ? grouping.filter(k => k !== key) : [...grouping, key]
              ),
            by || grouping.length < MOST_LEVELS
          )
        ]),
    item('pin', pinned ? trans.__('Unpin') : trans.__('Pin to the left'), () =>
      onLayout(setPinned(layout, key, !pinned))
    ),
    item('left', trans.__('Move left'), nudge(-1)),
    item('right', trans.__('Move right'), nudge(1)),
    item(
      'hide',
      trans.__('Hide'),
      () => onLayout(setVisible(layout, key, false)),
      key !== 'name'
    )
  ];
}

/** The menu of one column. */
export function HeaderMenu(props: IHeaderMenuProps): JSX.Element {
  const { column, trans } = props;
  return (
    <Popover
      anchor={props.anchor}
      role="menu"
      label={trans.__('Column %1', labelOf(column.key, trans).slice(0, 120))}
      onClose={props.onClose}
    >
      {itemsOf(props).map(({ act, label, enabled, run }) => (
        <button
          key={act}
          type="button"
          role="menuitem"
          data-act={act}
          className="jp-Mlstudio-menuItem"
          disabled={!enabled}
          onClick={() => {
            run();
            props.onClose();
          }}
        >
          {label}
        </button>
      ))}
    </Popover>
  );
}
