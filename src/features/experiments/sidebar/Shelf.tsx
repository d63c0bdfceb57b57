/** What is not in the tree: the starred ones, the archive, and what was deleted and can come back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import {
  Banner,
  Status,
  UserText,
  formatTime,
  shownStatus,
  useLive,
  useStudio,
  useThrottle
} from '../../../components/common';
import { TREE } from './data';
import { shelfRows } from './model';
import type { IShelfData, IShelfRow } from './model';

/** Which shelf. */
export type ShelfKind = 'starred' | 'archived' | 'deleted';

/** Records of a kind that are read; the filter finds the others. */
const LIMIT = 200;

function useShelf(kind: ShelfKind, filter: string) {
  const { api } = useStudio();
  const client = useQueryClient();
  const refresh = useThrottle(() =>
    client.invalidateQueries({ queryKey: [TREE, 'shelf'] })
  );
  useLive(['experiments'], refresh);
  return useQuery({
    queryKey: [TREE, 'shelf', kind, filter],
    staleTime: 0,
    queryFn: async ({ signal }): Promise<IShelfData> => {
      const query = {
        limit: LIMIT,
        [kind]: true,
        ...(filter === '' ? {} : { name_contains: filter })
      };
      const init = { params: { query }, signal };
      const [experiments, trials, components] = await Promise.all([
        api.client.GET('/experiments', init),
        api.client.GET('/trials', init),
        api.client.GET('/trial-components', init)
      ]);
      return {
        experiments: unwrap(experiments).items,
        trials: unwrap(trials).items,
        components: unwrap(components).items
      };
    }
  });
}

function Actions(props: {
  readonly kind: ShelfKind;
  readonly row: IShelfRow;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const { kind, row } = props;
  const target = { kind: row.kind, name: row.name, label: row.label };
  const label = row.label.slice(0, 100);
  const button = (
    said: string,
    full: string,
    command: string,
    more: object = {}
  ): React.ReactElement => (
    <button
      type="button"
      className="jp-Mlstudio-link"
      aria-label={full}
      onClick={() => void commands.execute(command, { ...target, ...more })}
    >
      {said}
    </button>
  );
  if (kind === 'deleted') {
    return (
      <>
        {button(
          trans.__('Restore'),
          trans.__('Restore %1', label),
          'mlstudio:restore'
        )}
        {button(
          trans.__('Delete for good…'),
          trans.__('Delete %1 for good…', label),
          'mlstudio:purge'
        )}
      </>
    );
  }
  return kind === 'archived'
    ? button(
        trans.__('Take out'),
        trans.__('Take %1 out of the archive', label),
        'mlstudio:archive',
        { archived: false }
      )
    : button(
        trans.__('Unstar'),
        trans.__('Take the star from %1', label),
        'mlstudio:star'
      );
}

function Row(props: {
  readonly kind: ShelfKind;
  readonly row: IShelfRow;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const { kind, row } = props;
  const kinds: Record<IShelfRow['kind'], string> = {
    experiment: trans.__('experiment'),
    trial: trans.__('trial'),
    component: trans.__('component')
  };
  const name = <UserText text={row.label} max={120} />;
  // A deleted record has no page, and a trial's page is its experiment's.
  const opens =
    kind === 'deleted'
      ? null
      : row.kind === 'component'
        ? ['mlstudio:open-component', row.name]
        : ['mlstudio:open-experiment', row.home ?? row.name];
  return (
    <li
      className="jp-Mlstudio-tree-row jp-Mlstudio-shelf-row"
      data-kind={row.kind}
      data-name={row.name}
      data-state={kind === 'starred' ? undefined : kind}
    >
      <span className="jp-Mlstudio-shelf-head">
        {row.kind === 'component' && (
          <Status status={shownStatus(row.status, row.started)} />
        )}
        <span className="jp-Mlstudio-tree-label">
          {opens ? (
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() =>
                void commands.execute(opens[0], { name: opens[1] })
              }
            >
              {name}
            </button>
          ) : (
            name
          )}
        </span>
      </span>
      <span className="jp-Mlstudio-shelf-said">
        {kinds[row.kind]}
        {row.home && (
          <>
            {' · '}
            <UserText text={row.home} max={60} />
          </>
        )}
        {row.since !== null && ` · ${formatTime(row.since)}`}
      </span>
      <span className="jp-Mlstudio-shelf-actions">
        <Actions kind={kind} row={row} />
      </span>
    </li>
  );
}

/** The shelf as a list. */
export function Shelf(props: {
  readonly kind: ShelfKind;
  readonly filter: string;
}): React.ReactElement {
  const { trans } = useStudio();
  const { kind, filter } = props;
  const query = useShelf(kind, filter);
  const rows = query.data ? shelfRows(query.data, kind) : [];
  const titles: Record<ShelfKind, string> = {
    starred: trans.__('Starred'),
    archived: trans.__('Archive'),
    deleted: trans.__('Deleted')
  };
  const nothing: Record<ShelfKind, string> = {
    starred: trans.__('Nothing has a star.'),
    archived: trans.__('The archive is empty.'),
    deleted: trans.__('Nothing is deleted.')
  };
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isSuccess && rows.length === 0 && (
        <p className="jp-Mlstudio-note">
          {filter === ''
            ? nothing[kind]
            : trans.__('Nothing here has “%1” in its name.', filter)}
        </p>
      )}
      {rows.length > 0 && (
        <ul className="jp-Mlstudio-shelf" aria-label={titles[kind]}>
          {rows.map(row => (
            <Row key={`${row.kind}/${row.name}`} kind={kind} row={row} />
          ))}
        </ul>
      )}
      {rows.length >= LIMIT && (
        <p className="jp-Mlstudio-note">
          {trans.__('There may be more: filter by name.')}
        </p>
      )}
    </>
  );
}
