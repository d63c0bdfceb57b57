/** Two or more trial components side by side; live, and with a link of its own. */
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import {
  Banner,
  LiveNote,
  Markdown,
  StudioWidget,
  Tabs,
  UserText,
  useStudio
} from '../../../components/common';
import type { IStudioServices, ITab } from '../../../components/common';
import { CurveGrid, curveGroups } from '../../../components/curves';
import { legalNames } from '../links';
import { CompareCode } from './CompareCode';
import { CompareMedia } from './CompareMedia';
import { ComparePlots } from './ComparePlots';
import { Strip, Swatch, labelAt } from './Strip';
import { Values } from './Values';
import { useCompared, useComparison } from './data';
import type { Compared } from './data';
import type { Direction } from './model';
import { viewOf } from './view';
import type { ICompareView } from './view';

function Notes(props: {
  readonly names: readonly string[];
  readonly components: readonly Compared[];
}): React.ReactElement {
  const { trans } = useStudio();
  return (
    <div className="jp-Mlstudio-page-body jp-Mlstudio-media-columns">
      {props.names.map((name, i) => {
        const component = props.components[i];
        return (
          <section key={name} aria-label={labelAt(name, component)}>
            <h3>
              <Swatch name={name} />
              <UserText text={labelAt(name, component)} max={60} />
            </h3>
            {component?.description ? (
              <Markdown source={component.description} />
            ) : (
              <p className="jp-Mlstudio-note">{trans.__('No notes.')}</p>
            )}
          </section>
        );
      })}
    </div>
  );
}

function Curves(props: {
  readonly names: readonly string[];
  readonly components: readonly Compared[];
}): React.ReactElement {
  const { trans } = useStudio();
  const { own, system } = curveGroups(
    props.names.map((name, i) => ({
      component: name,
      label: labelAt(name, props.components[i]),
      metrics: props.components[i]?.metrics ?? []
    }))
  );
  if (own.length + system.length === 0) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('None of these trials has a curve.')}
      </p>
    );
  }
  return (
    <CurveGrid
      syncKey={`compare/${props.names.join('/')}`}
      // Trials begin at other times: held against each other they begin together.
      x={system.length > 0 ? 'relative' : 'step'}
      parts={[
        { title: trans.__('Metrics'), groups: own },
        { title: trans.__('Machine'), groups: system, ownSteps: true }
      ]}
    />
  );
}

interface IPageProps {
  readonly view: ICompareView;
  readonly onView: (change: Partial<ICompareView>) => void;
}

/** The tabs once there is something to hold against each other. */
function Parts(props: IPageProps): React.ReactElement {
  const { trans } = useStudio();
  const { view, onView } = props;
  const query = useComparison(view.names);
  const components = useCompared(view.names);
  const reply = query.data;
  const values = (groups: Parameters<typeof Values>[0]['groups']) =>
    reply && (
      <Values
        reply={reply}
        measured={reply.components.map(
          name => components[view.names.indexOf(name)]?.metrics ?? []
        )}
        groups={groups}
        differences={view.differences}
        onDifferences={differences => onView({ differences })}
        directions={view.directions}
        onDirection={(metric: string, direction: Direction) =>
          onView({ directions: { ...view.directions, [metric]: direction } })
        }
      />
    );
  const there = view.names.filter((_, i) => components[i] !== null);
  const known = there.map(name => components[view.names.indexOf(name)]);
  const labels = there.map((name, i) => labelAt(name, known[i]));
  const tabs: ITab[] = [
    {
      id: 'values',
      label: trans.__('Values'),
      render: () =>
        values(['params', 'metrics', 'tags', 'inputs', 'outputs', 'meta'])
    },
    {
      id: 'curves',
      label: trans.__('Curves'),
      render: () => <Curves names={there} components={known} />
    },
    {
      id: 'plots',
      label: trans.__('Plots'),
      render: () => <ComparePlots names={there} labels={labels} />
    },
    {
      id: 'media',
      label: trans.__('Media'),
      render: () => <CompareMedia names={there} labels={labels} />
    },
    {
      id: 'code',
      label: trans.__('Code'),
      render: () =>
        reply && (
          <>
            {values(['code'])}
            {reply.components.length > 1 && (
              <CompareCode
                reply={reply}
                other={view.other}
                onOther={other => onView({ other })}
              />
            )}
          </>
        )
    },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => values(['environment', 'packages'])
    },
    {
      id: 'notes',
      label: trans.__('Notes'),
      render: () => <Notes names={there} components={known} />
    }
  ];
  const missing = reply?.missing ?? [];
  return (
    <>
      {query.error === null ? (
        <LiveNote />
      ) : (
        <Banner error={query.error} retry={() => void query.refetch()} />
      )}
      <Strip
        names={view.names}
        components={components}
        onNames={names => onView({ names })}
      />
      {missing.length > 0 && (
        <p className="jp-Mlstudio-livenote" role="status">
          {trans._n(
            '%2 was deleted for good; the others are compared.',
            '%1 trials were deleted for good; the others are compared: %2',
            missing.length,
            missing.join(', ').slice(0, 400)
          )}
        </p>
      )}
      {view.names.length < 2 ? (
        <p className="jp-Mlstudio-note">
          {trans.__('Add a second trial to compare this one with.')}
        </p>
      ) : (
        <Tabs
          label={trans.__('Parts of the comparison')}
          tabs={tabs}
          selected={view.tab}
          onSelect={tab => onView({ tab })}
        />
      )}
    </>
  );
}

function Page(props: IPageProps): React.ReactElement {
  const { trans, commands } = useStudio();
  return (
    <section
      className="jp-Mlstudio-page"
      aria-label={trans.__('Comparison of trials')}
    >
      <header className="jp-Mlstudio-page-head">
        <h2>{trans.__('Comparison')}</h2>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => void commands.execute('mlstudio:copy-link')}
        >
          {trans.__('Copy link')}
        </button>
      </header>
      <Parts {...props} />
    </section>
  );
}

class ComparePage extends StudioWidget {
  constructor(services: IStudioServices, state: JSONObject | null) {
    super(services, state);
    this.addClass('jp-Mlstudio-compare');
    this.retitle();
  }

  applyView(view: JSONObject): void {
    if (legalNames(view.names).length > 0) {
      this.change(view);
    }
  }

  protected inside(): React.ReactElement {
    return (
      <Page
        view={viewOf(this.state)}
        onView={change => this.change({ ...change } as JSONObject)}
      />
    );
  }

  private change(part: JSONObject): void {
    this.keep(part);
    this.retitle();
    this.update();
  }

  private retitle(): void {
    const { names } = viewOf(this.state);
    const { trans } = this.services;
    this.title.label = trans._n(
      'Compare %1 trial',
      'Compare %1 trials',
      names.length
    );
    this.title.caption = names.slice(0, 9).join(', ');
  }
}

/** Make the page that compares `state.names`. */
export function createComparePage(
  services: IStudioServices,
  _name: string,
  state: JSONObject | null
): StudioWidget {
  return new ComparePage(services, state);
}
