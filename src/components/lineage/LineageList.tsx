/** The lineage as a table: for reading aloud, for searching, and for graphs too large to draw. */
import * as React from 'react';

import { UserText, statusText, useStudio } from '../common';
import type { LineageReply, LineageVertex } from './layout';

const FIRST = 500;

interface ILineageListProps {
  readonly reply: LineageReply;
  readonly onOpen: (vertex: LineageVertex) => void;
}

/** One row a vertex: what it is, how many steps away, what it came from. */
export function LineageList(props: ILineageListProps): React.ReactElement {
  const { trans } = useStudio();
  const { reply } = props;
  const [all, setAll] = React.useState(false);
  const rows = React.useMemo(() => {
    const labels = new Map(reply.vertices.map(one => [one.arn, one.label]));
    const causes = new Map<string, string[]>();
    reply.edges.forEach(({ source, dest }) => {
      const said = labels.get(source) ?? source;
      causes.set(dest, [...(causes.get(dest) ?? []), said]);
    });
    return [...reply.vertices]
      .sort((a, b) => a.level - b.level)
      .map(vertex => ({ vertex, from: causes.get(vertex.arn) ?? [] }));
  }, [reply]);
  const steps = (level: number): string =>
    level === 0
      ? trans.__('this')
      : level < 0
        ? trans._n('%1 step before', '%1 steps before', -level)
        : trans._n('%1 step after', '%1 steps after', level);
  return (
    <>
      <div
        className="jp-Mlstudio-scroll"
        role="region"
        aria-label={trans.__('Lineage')}
        tabIndex={0}
      >
        <table className="jp-Mlstudio-plain">
          <thead>
            <tr>
              <th scope="col">{trans.__('Where')}</th>
              <th scope="col">{trans.__('Name')}</th>
              <th scope="col">{trans.__('Kind')}</th>
              <th scope="col">{trans.__('Made from')}</th>
            </tr>
          </thead>
          <tbody>
            {(all ? rows : rows.slice(0, FIRST)).map(({ vertex, from }) => (
              <tr key={vertex.arn}>
                <td className="jp-mod-short">{steps(vertex.level)}</td>
                <td>
                  <button
                    type="button"
                    className="jp-Mlstudio-link"
                    onClick={() => props.onOpen(vertex)}
                  >
                    <UserText text={vertex.label} max={120} />
                  </button>
                </td>
                <td className="jp-mod-short">
                  {vertex.kind === 'artifact'
                    ? trans.__('artifact')
                    : vertex.kind === 'other'
                      ? trans.__('other')
                      : statusText(vertex.status, trans)}
                </td>
                <td>
                  <UserText text={from.join(', ')} max={200} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!all && rows.length > FIRST && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1', rows.length)}
        </button>
      )}
    </>
  );
}
