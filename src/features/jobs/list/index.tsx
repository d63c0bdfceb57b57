/** The page of all jobs: the queue in its order, what runs, what ended; to search, to choose from, to clear. */
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import {
  Banner,
  LiveNote,
  StudioWidget,
  isRunning,
  useStudio
} from '../../../components/common';
import type { IStudioServices } from '../../../components/common';
import { useAgent, useJobs } from '../data';
import { deleteJobs, stopJobs } from '../doing';
import type { JobRow } from '../merge';
import { fits, groupJobs } from '../order';
import { AgentBanner, Empty } from '../parts';
import { JobTable } from './Table';

const AT_ONCE = 100;
const MOST = 1000;

interface IToolsProps {
  readonly chosen: readonly JobRow[];
  readonly grace: number;
  readonly onDone: () => void;
}

/** What can be done to the chosen jobs. */
function Tools(props: IToolsProps): React.ReactElement {
  const services = useStudio();
  const { trans, commands } = services;
  const { chosen, grace, onDone } = props;
  const open = chosen.filter(job => job.status === 'InProgress');
  const ended = chosen.filter(job => !isRunning(job.status));
  const names = (jobs: readonly JobRow[]): string[] =>
    jobs.map(job => job.name);
  return (
    <div className="jp-Mlstudio-row" role="group">
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={open.length === 0}
        onClick={() => void stopJobs(services, names(open), grace)}
      >
        {open.length > 0 ? trans.__('Stop %1', open.length) : trans.__('Stop')}
      </button>
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={ended.length === 0}
        onClick={() =>
          void deleteJobs(services, names(ended)).then(done => done && onDone())
        }
      >
        {ended.length > 0
          ? trans.__('Delete %1', ended.length)
          : trans.__('Delete')}
      </button>
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={chosen.length !== 2}
        title={trans.__('Choose two jobs to see what they do not share')}
        onClick={() =>
          void commands.execute('mlstudio:open-job', {
            name: chosen[0].name,
            view: { tab: 'diff', other: chosen[1].name }
          })
        }
      >
        {trans.__('Compare two')}
      </button>
      <button
        type="button"
        className="jp-Mlstudio-button"
        onClick={() =>
          void commands.execute('mlstudio:delete-finished').then(onDone)
        }
      >
        {trans.__('Delete finished…')}
      </button>
    </div>
  );
}

interface IPageProps {
  readonly search: string;
  readonly grace: number;
  readonly onSearch: (text: string) => void;
}

function Page(props: IPageProps): React.ReactElement {
  const { trans } = useStudio();
  const [limit, setLimit] = React.useState(AT_ONCE);
  const [search, setSearch] = React.useState(props.search);
  const [picked, setPicked] = React.useState<ReadonlySet<string>>(new Set());
  const query = useJobs(limit);
  const all = query.data?.jobs ?? [];
  const open = all.some(job => isRunning(job.status));
  const agent = useAgent(open);
  const found = all.filter(job => fits(job, search));
  const groups = groupJobs(found, agent.data?.queue ?? []);
  // What was deleted meanwhile is not chosen any more.
  const chosen = all.filter(job => picked.has(job.uid));
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Jobs')}>
      <LiveNote />
      <Banner error={query.error} retry={() => void query.refetch()} />
      <AgentBanner open={open} />
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {query.isSuccess && all.length === 0 && <Empty />}
      {all.length > 0 && (
        <>
          <div className="jp-Mlstudio-jobs-bar">
            <input
              type="search"
              className="jp-Mlstudio-filter"
              aria-label={trans.__('Filter jobs')}
              placeholder={trans.__('Name, status, size or experiment')}
              value={search}
              onChange={event => {
                setSearch(event.target.value);
                props.onSearch(event.target.value);
              }}
            />
            <Tools
              chosen={chosen}
              grace={props.grace}
              onDone={() => setPicked(new Set())}
            />
          </div>
          <p className="jp-Mlstudio-hidden" role="status">
            {trans._n('%1 job chosen', '%1 jobs chosen', chosen.length)}
          </p>
          {found.length === 0 && (
            <p className="jp-Mlstudio-note" role="status">
              {trans.__('No job fits.')}
            </p>
          )}
          {found.length > 0 && (
            <div className="jp-Mlstudio-page-scroll">
              <JobTable
                groups={groups}
                queue={groupJobs(all, agent.data?.queue ?? []).waiting}
                picked={picked}
                onPick={setPicked}
              />
              {query.data?.more && limit < MOST && (
                <button
                  type="button"
                  className="jp-Mlstudio-button jp-Mlstudio-more"
                  onClick={() => setLimit(Math.min(MOST, limit * 3))}
                >
                  {trans.__('Show older jobs')}
                </button>
              )}
            </div>
          )}
        </>
      )}
    </section>
  );
}

class JobsPage extends StudioWidget {
  constructor(
    services: IStudioServices,
    state: JSONObject | null,
    private readonly grace: number
  ) {
    super(services, state);
    this.addClass('jp-Mlstudio-jobs-page');
    this.title.label = services.trans.__('Jobs');
  }

  protected inside(): React.ReactElement {
    const { search } = this.state;
    return (
      <Page
        search={typeof search === 'string' ? search : ''}
        grace={this.grace}
        onSearch={text => this.keep({ search: text.slice(0, 200) })}
      />
    );
  }
}

/** Make the page of all jobs; a stopped one has `grace` seconds. */
export function createJobsPage(
  services: IStudioServices,
  state: JSONObject | null,
  grace: number
): StudioWidget {
  return new JobsPage(services, state, grace);
}
