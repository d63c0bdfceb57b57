/** The page of one trial component: what ran, with what, and how it went; live while it runs. */
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type { ComponentRecord, JobRecord } from '../../../api/types';
import {
  Banner,
  LiveNote,
  Status,
  StudioWidget,
  Tabs,
  UserText,
  formatNumber,
  isRunning,
  shownStatus,
  useStudio
} from '../../../components/common';
import type { IStudioServices, ITab } from '../../../components/common';
import { jobNameOf, useComponent, useJob } from './data';
import { LineageGraph } from '../../../components/lineage';
import { MediaGallery } from '../../../components/media';
import { Artifacts } from './Artifacts';
import { Environment, Parameters, Source } from './Facts';
import { Log, useHasOutput } from './Log';
import { Metrics } from './Metrics';
import { useOnScreen } from '../document/board/useOnScreen';
import { Nested, OpenComponent, useNested } from './Nested';
import { Notes } from './Notes';
import { Overview } from './Overview';
import { totalOf } from './parts';

interface IPageProps {
  readonly name: string;
  readonly tab: string;
  readonly onTab: (id: string) => void;
  readonly onTitle: (title: string) => void;
}

function StopButton(props: {
  readonly job: JobRecord;
}): React.ReactElement | null {
  const { trans, commands } = useStudio();
  const { job } = props;
  const stopping = job.status === 'Stopping' || (job.stop_requested ?? false);
  if (!isRunning(job.status)) {
    return null;
  }
  return (
    <button
      type="button"
      className="jp-Mlstudio-button jp-mod-warn"
      disabled={stopping}
      onClick={() =>
        void commands.execute('mlstudio:stop-job', { name: job.name })
      }
    >
      {stopping ? trans.__('Stopping…') : trans.__('Stop job')}
    </button>
  );
}

function Head(props: {
  readonly component: ComponentRecord;
  readonly job: JobRecord | null;
}): React.ReactElement {
  const { trans, commands } = useStudio();
  const { component, job } = props;
  const home = (component.trials ?? [])[0];
  return (
    <header className="jp-Mlstudio-page-head">
      <div>
        {home && (
          <nav aria-label={trans.__('Where this belongs')}>
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() =>
                void commands.execute('mlstudio:open-experiment', {
                  name: home.experiment_name
                })
              }
            >
              <UserText text={home.experiment_name} max={80} />
            </button>
            {!home.trial_name.startsWith('Default-Run-Group-') && (
              <>
                <span aria-hidden="true"> › </span>
                <UserText text={home.trial_name} max={80} />
              </>
            )}
            {component.parent && (
              <>
                <span aria-hidden="true"> › </span>
                <OpenComponent name={component.parent} />
              </>
            )}
          </nav>
        )}
        <h2>
          <UserText text={component.display_name || component.name} max={120} />
        </h2>
      </div>
      <Status
        status={shownStatus(component.status, component.start_time ?? null)}
        words
      />
      <div className="jp-Mlstudio-page-tools">
        {job && <StopButton job={job} />}
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() =>
            void commands.execute('mlstudio:compare-trials', {
              names: [component.name]
            })
          }
        >
          {trans.__('Compare with…')}
        </button>
      </div>
    </header>
  );
}

/** A line that says when the component is in the archive or deleted, with the way back. */
function Away(props: {
  readonly component: ComponentRecord;
}): React.ReactElement | null {
  const { trans, commands } = useStudio();
  const { component } = props;
  const deleted = typeof component.deleted_at === 'number';
  if (!deleted && typeof component.archived_at !== 'number') {
    return null;
  }
  const target = { kind: 'component', name: component.name };
  return (
    <p className="jp-Mlstudio-livenote" role="status">
      {deleted
        ? trans.__('This was deleted.')
        : trans.__('This is in the archive.')}{' '}
      <button
        type="button"
        className="jp-Mlstudio-link"
        onClick={() =>
          void (deleted
            ? commands.execute('mlstudio:restore', target)
            : commands.execute('mlstudio:archive', {
                ...target,
                archived: false
              }))
        }
      >
        {deleted ? trans.__('Restore') : trans.__('Take it out')}
      </button>
    </p>
  );
}

interface IParts {
  readonly component: ComponentRecord;
  readonly job: JobRecord | null;
  readonly nested: number;
  /** Output of a run was kept. */
  readonly printed: boolean;
}

function tabsOf(parts: IParts, trans: IStudioServices['trans']): ITab[] {
  const { component, job, nested } = parts;
  const count = (n: number): string | undefined =>
    n > 0 ? formatNumber(n) : undefined;
  const sizeOf = (part: 'params' | 'inputs' | 'outputs'): number =>
    totalOf(component, part, Object.keys(component[part] ?? {}).length);
  const metrics = totalOf(component, 'metrics', component.metrics?.length ?? 0);
  const tabs: ITab[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => <Overview component={component} job={job} />
    },
    {
      id: 'parameters',
      label: trans.__('Parameters'),
      badge: count(sizeOf('params')),
      render: () => <Parameters component={component} />
    },
    {
      id: 'metrics',
      label: trans.__('Metrics'),
      badge: count(metrics),
      render: () => <Metrics component={component} />
    },
    {
      id: 'media',
      label: trans.__('Media'),
      render: () => <MediaGallery component={component.name} />
    },
    {
      id: 'artifacts',
      label: trans.__('Artifacts'),
      badge: count(sizeOf('inputs') + sizeOf('outputs')),
      render: () => <Artifacts component={component} />
    },
    {
      id: 'lineage',
      label: trans.__('Lineage'),
      render: () => <LineageGraph key={component.arn} start={component.arn} />
    },
    {
      id: 'notes',
      label: trans.__('Notes'),
      render: () => <Notes key={component.name} component={component} />
    },
    {
      id: 'source',
      label: trans.__('Source'),
      render: () => <Source component={component} />
    },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => <Environment component={component} />
    }
  ];
  if (nested > 0) {
    tabs.push({
      id: 'nested',
      label: trans.__('Nested runs'),
      badge: count(nested),
      render: () => <Nested component={component} />
    });
  }
  if (job || parts.printed) {
    tabs.push({
      id: 'log',
      label: trans.__('Log'),
      render: () => <Log component={component} job={job} />
    });
  }
  return tabs;
}

function Page(props: IPageProps): React.ReactElement {
  const { trans } = useStudio();
  const [tab, setTab] = React.useState(props.tab);
  React.useEffect(() => setTab(props.tab), [props.tab]);
  const query = useComponent(props.name);
  const component = query.data;
  const job = useJob(component ? jobNameOf(component) : null);
  const page = React.useRef<HTMLElement>(null);
  const seen = useOnScreen(page);
  const nested = useNested(component, seen).data?.length ?? 0;
  const printed = useHasOutput(props.name);
  const failure = query.error ?? job.error;
  const title = component?.display_name || component?.name;
  React.useEffect(() => {
    if (title) {
      props.onTitle(title);
    }
  }, [title]);
  return (
    <section
      ref={page}
      className="jp-Mlstudio-page"
      aria-label={trans.__('Trial component')}
    >
      {failure === null ? (
        <LiveNote />
      ) : (
        <Banner error={failure} retry={() => void query.refetch()} />
      )}
      {query.isPending && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {component && (
        <>
          <Away component={component} />
          <Head component={component} job={job.data ?? null} />
          <Tabs
            label={trans.__('Parts of the component')}
            tabs={tabsOf(
              { component, job: job.data ?? null, nested, printed },
              trans
            )}
            selected={tab}
            onSelect={id => {
              setTab(id);
              props.onTab(id);
            }}
          />
        </>
      )}
    </section>
  );
}

class ComponentPage extends StudioWidget {
  constructor(
    services: IStudioServices,
    private readonly componentName: string,
    state: JSONObject | null
  ) {
    super(services, state);
    this.addClass('jp-Mlstudio-component');
    this.title.label = componentName;
  }

  applyView(view: JSONObject): void {
    this.state = { ...this.state, ...view };
    this.update();
  }

  protected inside(): React.ReactElement {
    const { tab } = this.state;
    return (
      <Page
        name={this.componentName}
        tab={typeof tab === 'string' ? tab : 'overview'}
        onTab={id => this.keep({ tab: id })}
        onTitle={title => {
          this.title.label = title.slice(0, 60);
        }}
      />
    );
  }
}

/** Make the page of the component of this name. */
export function createComponentPage(
  services: IStudioServices,
  name: string,
  state: JSONObject | null
): StudioWidget {
  return new ComponentPage(services, name, state);
}
