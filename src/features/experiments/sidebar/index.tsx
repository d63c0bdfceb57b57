/** The section "Experiments" of the Studio sidebar. */
import { useQuery } from '@tanstack/react-query';
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import {
  Banner,
  LiveNote,
  StudioWidget,
  studioQueryClient,
  useQuiet,
  useStudio
} from '../../../components/common';
import type { IStudioServices } from '../../../components/common';
import { TREE, useTree } from './data';
import { Bar, ImportLink } from './Bar';
import { Empty } from './Empty';
import { Shelf } from './Shelf';
import type { ShelfKind } from './Shelf';
import { Tree } from './Tree';
import { rowsOf } from './model';
import type { ITreeNode } from './model';

/** What the section asks of its plugin. */
export interface ISidebarOptions {
  /** Experiments read at once. */
  readonly pageSize: number;
}

/** The server part may be missing or of another version: one text, before anything else fails. */
function useServerProblem(): unknown {
  const { api } = useStudio();
  return useQuery({
    queryKey: [TREE, 'version'],
    queryFn: async ({ signal }) => {
      await api.checkVersion(signal);
      return true;
    }
  }).error;
}

interface ISectionProps {
  readonly pageSize: number;
  readonly expanded: readonly string[];
  readonly onExpanded: (keys: string[]) => void;
}

function Section(props: ISectionProps): React.ReactElement {
  const { trans, commands } = useStudio();
  const [filter, setFilter] = React.useState('');
  const [shelf, setShelf] = React.useState<ShelfKind | 'all'>('all');
  const [expanded, setExpanded] = React.useState(() => new Set(props.expanded));
  const quiet = useQuiet(filter.trim(), 150);
  const problem = useServerProblem();
  const { data, list, error } = useTree(quiet, expanded, props.pageSize);
  const rows = rowsOf(data);

  const toggle = (key: string): void => {
    const next = new Set(expanded);
    if (!next.delete(key)) {
      next.add(key);
    }
    setExpanded(next);
    props.onExpanded([...next]);
  };
  const open = (row: ITreeNode): void => {
    if (row.kind === 'trial') {
      toggle(row.key);
    } else {
      void commands.execute(`mlstudio:open-${row.kind}`, { name: row.name });
    }
  };
  const command = (row: ITreeNode, verb: 'rename' | 'delete'): void => {
    void commands.execute(`mlstudio:${verb}`, {
      kind: row.kind,
      name: row.name,
      label: row.label
    });
  };
  const retry = (): void => {
    void studioQueryClient.refetchQueries({ queryKey: [TREE] });
  };
  const failure = problem ?? error;
  const empty = list.isSuccess && rows.length === 0;

  return (
    <div className="jp-Mlstudio-sidebar-section">
      {!(empty && quiet === '' && shelf === 'all') && (
        <Bar
          filter={filter}
          onFilter={setFilter}
          shelf={shelf}
          onShelf={setShelf}
        />
      )}
      {failure === null ? (
        <LiveNote />
      ) : (
        <Banner error={failure} retry={retry} />
      )}
      {shelf !== 'all' && <Shelf kind={shelf} filter={quiet} />}
      {shelf === 'all' && list.isPending && failure === null && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {shelf === 'all' && empty && quiet === '' && (
        <>
          <Empty />
          <ImportLink />
        </>
      )}
      {shelf === 'all' && empty && quiet !== '' && (
        <p className="jp-Mlstudio-note">
          {trans.__('No experiment has “%1” in its name.', quiet)}
        </p>
      )}
      {shelf === 'all' && rows.length > 0 && (
        <Tree
          rows={rows}
          onToggle={toggle}
          onOpen={open}
          onCommand={command}
          onMove={(trial, experiment) =>
            void commands.execute('mlstudio:move-trial', {
              kind: 'trial',
              name: trial,
              experiment: experiment.name
            })
          }
        />
      )}
      {shelf === 'all' && list.hasNextPage && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {trans.__('Show more')}
        </button>
      )}
    </div>
  );
}

class ExperimentsSection extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly options: ISidebarOptions,
    state: JSONObject | null
  ) {
    super(services, state);
    this.addClass('jp-Mlstudio-experiments');
  }

  protected inside(): React.ReactElement {
    const kept = this.state.expanded;
    return (
      <Section
        pageSize={this.options.pageSize}
        expanded={Array.isArray(kept) ? kept.map(String) : []}
        onExpanded={keys => this.keep({ expanded: keys } as JSONObject)}
      />
    );
  }
}

/** Make the section's widget. */
export function createExperimentsSection(
  services: IStudioServices,
  options: ISidebarOptions,
  state: JSONObject | null
): StudioWidget {
  return new ExperimentsSection(services, options, state);
}
