/**
 * What was made from what: a graph of buttons over drawn edges, and the same as a table.
 *
 * A component opens its page, an artifact its preview below the graph. Arrow keys walk the graph.
 */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import { Banner, Status, UserText, useStudio } from '../common';
import { ArtifactPreview } from '../preview';
import { LineageList } from './LineageList';
import { NODE_HEIGHT, NODE_WIDTH, layoutLineage, neighbourAt } from './layout';
import type { IPlaced, LineageReply, LineageVertex } from './layout';

type Direction = 'Both' | 'Ascendants' | 'Descendants';

const DEPTHS = [1, 2, 3, 5, 10, 50];

interface IGraphProps {
  readonly reply: LineageReply;
  readonly start: string;
  readonly chosen: string | null;
  readonly onOpen: (vertex: LineageVertex) => void;
}

function Node(props: {
  readonly node: IPlaced;
  readonly start: boolean;
  readonly chosen: boolean;
  readonly tabbable: boolean;
  readonly onOpen: () => void;
  readonly onFocus: () => void;
  readonly take: (node: HTMLButtonElement | null) => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const { vertex, x, y } = props.node;
  const kind =
    vertex.kind === 'trial-component'
      ? trans.__('trial component')
      : vertex.kind === 'artifact'
        ? trans.__('artifact')
        : trans.__('other');
  return (
    <button
      ref={props.take}
      type="button"
      className="jp-Mlstudio-lineage-node"
      data-kind={vertex.kind}
      aria-current={props.start ? 'true' : undefined}
      aria-pressed={vertex.kind === 'artifact' ? props.chosen : undefined}
      tabIndex={props.tabbable ? 0 : -1}
      style={{ left: x, top: y, width: NODE_WIDTH, height: NODE_HEIGHT }}
      title={vertex.label.slice(0, 1000)}
      onClick={props.onOpen}
      onFocus={props.onFocus}
    >
      <span className="jp-Mlstudio-lineage-label">
        <bdi>{vertex.label.slice(0, 200)}</bdi>
      </span>
      <span className="jp-Mlstudio-lineage-kind">
        {vertex.kind === 'trial-component' && <Status status={vertex.status} />}
        {kind}
        {vertex.kind === 'artifact' && vertex.media_type && (
          <>
            {' · '}
            <UserText text={vertex.media_type} max={40} />
          </>
        )}
      </span>
    </button>
  );
}

function Graph(props: IGraphProps): React.ReactElement {
  const { trans } = useStudio();
  const { reply, start } = props;
  const arrow = React.useId().replace(/:/g, '');
  const layout = React.useMemo(() => layoutLineage(reply), [reply]);
  const [focus, setFocus] = React.useState(start);
  const nodes = React.useRef(new Map<string, HTMLButtonElement>());
  const known = layout.nodes.some(node => node.vertex.arn === focus);
  const current = known ? focus : layout.nodes[0]?.vertex.arn;
  React.useEffect(() => {
    // The start is what the graph is about: it is in sight, however far the causes reach.
    nodes.current
      .get(start)
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [layout, start]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const next = neighbourAt(layout.nodes, current ?? '', event.key);
    if (next !== null) {
      event.preventDefault();
      nodes.current.get(next)?.focus();
    }
  };
  return (
    <div className="jp-Mlstudio-lineage-box">
      <div
        className="jp-Mlstudio-lineage-canvas"
        role="group"
        aria-label={trans.__('Lineage graph; arrow keys walk it')}
        style={{ width: layout.width, height: layout.height }}
        onKeyDown={onKeyDown}
      >
        <svg
          width={layout.width}
          height={layout.height}
          aria-hidden="true"
          focusable="false"
        >
          <defs>
            <marker
              id={arrow}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto-start-reverse"
            >
              <path d="M0,0 L8,4 L0,8 z" />
            </marker>
          </defs>
          {layout.edges.map(edge => (
            <path
              key={edge.key}
              className="jp-Mlstudio-lineage-edge"
              d={edge.path}
              markerEnd={`url(#${arrow})`}
            />
          ))}
        </svg>
        {layout.nodes.map(node => {
          const { arn } = node.vertex;
          return (
            <Node
              key={arn}
              node={node}
              start={arn === start}
              chosen={arn === props.chosen}
              tabbable={arn === current}
              onOpen={() => props.onOpen(node.vertex)}
              onFocus={() => setFocus(arn)}
              take={element => {
                if (element) {
                  nodes.current.set(arn, element);
                } else {
                  nodes.current.delete(arn);
                }
              }}
            />
          );
        })}
      </div>
      {layout.left > 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('%1 farther ones are only in the list.', layout.left)}
        </p>
      )}
    </div>
  );
}

interface ILineageGraphProps {
  /** ARN of what the graph is about. */
  readonly start: string;
}

/** The graph around `start`, with how far it reaches. */
export function LineageGraph(props: ILineageGraphProps): React.ReactElement {
  const { api, trans, commands } = useStudio();
  const { start } = props;
  const [direction, setDirection] = React.useState<Direction>('Both');
  const [depth, setDepth] = React.useState(3);
  const [asList, setAsList] = React.useState(false);
  const [chosen, setChosen] = React.useState<LineageVertex | null>(null);
  const query = useQuery({
    queryKey: ['lineage', start, direction, depth],
    queryFn: async ({ signal }) =>
      unwrap(
        await api.client.GET('/lineage', {
          params: { query: { start, direction, depth } },
          signal
        })
      ),
    // Others make edges too: what is opened again is read again.
    staleTime: 10_000,
    refetchOnMount: true
  });
  const open = (vertex: LineageVertex): void => {
    if (vertex.kind === 'trial-component') {
      void commands.execute('mlstudio:open-component', { name: vertex.name });
    } else {
      setChosen(vertex.arn === chosen?.arn ? null : vertex);
    }
  };
  const reply = query.data;
  return (
    <div className="jp-Mlstudio-lineage">
      <div className="jp-Mlstudio-chartbar">
        <label>
          {trans.__('Show')}{' '}
          <select
            value={direction}
            onChange={event => setDirection(event.target.value as Direction)}
          >
            <option value="Both">{trans.__('causes and effects')}</option>
            <option value="Ascendants">{trans.__('causes')}</option>
            <option value="Descendants">{trans.__('effects')}</option>
          </select>
        </label>
        <label>
          {trans.__('Steps')}{' '}
          <select
            value={depth}
            onChange={event => setDepth(Number(event.target.value))}
          >
            {DEPTHS.map(one => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label className="jp-Mlstudio-check">
          <input
            type="checkbox"
            checked={asList}
            onChange={event => setAsList(event.target.checked)}
          />
          {trans.__('as a list')}
        </label>
      </div>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {query.isPending && query.error === null && (
        <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
      )}
      {reply?.truncated && (
        <p className="jp-Mlstudio-note">
          {trans.__('There is more than can be followed: show fewer steps.')}
        </p>
      )}
      {reply && reply.edges.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__(
            'Nothing is known to have led here or to have come of it. Log inputs and outputs to join runs.'
          )}
        </p>
      )}
      {reply && reply.edges.length > 0 && !asList && (
        <Graph
          reply={reply}
          start={start}
          chosen={chosen?.arn ?? null}
          onOpen={open}
        />
      )}
      {reply && reply.edges.length > 0 && asList && (
        <LineageList reply={reply} onOpen={open} />
      )}
      {chosen && (
        <section
          className="jp-Mlstudio-page-body"
          aria-label={trans.__('Chosen artifact')}
        >
          <h3>
            <UserText text={chosen.label} />
          </h3>
          {chosen.artifact_uid === null ? (
            <p className="jp-Mlstudio-note">
              {trans.__('Its bytes are elsewhere; only the pointer is known.')}
            </p>
          ) : (
            <ArtifactPreview uid={chosen.artifact_uid} name={chosen.label} />
          )}
        </section>
      )}
    </div>
  );
}
