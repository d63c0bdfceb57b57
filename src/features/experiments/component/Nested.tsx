/** Runs inside this run, and the run that this one is inside of. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import type { ComponentRecord } from '../../../api/types';
import {
  Banner,
  Status,
  UserText,
  elapsed,
  formatDuration,
  shownStatus,
  useLive,
  useStale,
  useStudio,
  useThrottle
} from '../../../components/common';
import { Table } from './fields';

/** Nested runs that are listed; the table of the experiment shows all. */
const LIMIT = 500;

/** The runs inside a component, kept true while `seen`: what nobody looks at is not asked for. */
export function useNested(
  component: ComponentRecord | undefined,
  seen: boolean
) {
  const client = useQueryClient();
  const name = component?.name ?? '';
  const home = (component?.trials ?? [])[0]?.experiment_name;
  const refresh = useThrottle(
    () => client.invalidateQueries({ queryKey: ['nested', name] }),
    1000
  );
  const missed = React.useRef(false);
  React.useEffect(() => {
    if (seen && missed.current) {
      missed.current = false;
      refresh();
    }
  }, [seen]);
  useStale(['nested', name]);
  useLive(home === undefined ? [] : [`experiment:${home}`], event => {
    if (event.type === 'columns.changed') {
      return;
    }
    if (seen) {
      refresh();
    } else {
      missed.current = true;
    }
  });
  return useRuns(component);
}

/** The runs inside a component as they were read last. */
function useRuns(component: ComponentRecord | undefined) {
  const { api } = useStudio();
  const name = component?.name ?? '';
  return useQuery({
    queryKey: ['nested', name],
    enabled: component !== undefined,
    queryFn: async ({ signal }) => {
      const query = { where: `parent == "${name}"`, limit: LIMIT };
      return unwrap(
        await api.client.GET('/trial-components', {
          params: { query },
          signal
        })
      ).items;
    }
  });
}

/** A button that opens the page of a component. */
export function OpenComponent(props: {
  readonly name: string;
  readonly label?: string;
}): React.ReactElement {
  const { commands } = useStudio();
  const { name, label = name } = props;
  return (
    <button
      type="button"
      className="jp-Mlstudio-link"
      onClick={() => void commands.execute('mlstudio:open-component', { name })}
    >
      <UserText text={label} max={120} />
    </button>
  );
}

/** The tab "Nested runs". */
export function Nested(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const query = useRuns(props.component);
  const items = query.data ?? [];
  const names = [props.component.name, ...items.map(one => one.name)];
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isSuccess && items.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('No runs are nested in this one.')}
        </p>
      )}
      {items.length > 0 && (
        <>
          <div className="jp-Mlstudio-chartbar">
            <button
              type="button"
              className="jp-Mlstudio-button"
              onClick={() =>
                void commands.execute('mlstudio:compare-trials', {
                  names: names.slice(items.length > 1 ? 1 : 0, 11)
                })
              }
            >
              {trans.__('Compare')}
            </button>
          </div>
          <Table
            label={trans.__('Nested runs')}
            head={[
              trans.__('Name'),
              trans.__('Status'),
              trans.__('Duration'),
              trans.__('Parameters')
            ]}
            short={[1, 2]}
            rows={items.map(one => {
              const ms = elapsed(one.start_time, one.end_time, Date.now());
              return {
                key: one.name,
                cells: [
                  <OpenComponent
                    name={one.name}
                    label={one.display_name || one.name}
                  />,
                  <Status
                    status={shownStatus(one.status, one.start_time ?? null)}
                    words
                  />,
                  ms === null ? '–' : formatDuration(ms),
                  Object.entries(one.params ?? {})
                    .slice(0, 6)
                    .map(([key, value]) => `${key}=${String(value)}`)
                    .join(', ')
                ]
              };
            })}
          />
        </>
      )}
    </>
  );
}
