/** Source and uncommitted changes of a trial against the baseline's. */
import * as React from 'react';

import { Diff, useStudio } from '../../../components/common';
import type { CompareReply } from './model';

interface ICompareCodeProps {
  readonly reply: CompareReply;
  /** Name of the other one; the baseline is the first. */
  readonly other: string | null;
  readonly onOther: (name: string) => void;
}

/** The diffs of one trial against the baseline. */
export function CompareCode(props: ICompareCodeProps): React.ReactElement {
  const { trans } = useStudio();
  const { reply } = props;
  const others = reply.components.slice(1);
  const other =
    props.other !== null && others.includes(props.other)
      ? props.other
      : others[0];
  const label = (name: string): string =>
    reply.labels[reply.components.indexOf(name)] ?? name;
  const diffs = reply.diffs.filter(one => one.right === other);
  return (
    <div className="jp-Mlstudio-page-body">
      <label className="jp-Mlstudio-media-bar">
        {trans.__('%1 against', label(reply.components[0]).slice(0, 60))}{' '}
        <select
          value={other}
          onChange={event => props.onOther(event.target.value)}
        >
          {others.map(name => (
            <option key={name} value={name}>
              {label(name).slice(0, 80)}
            </option>
          ))}
        </select>
      </label>
      {diffs.length === 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('No code of these two was captured.')}
        </p>
      )}
      {diffs.map(one => {
        const title =
          one.what === 'source'
            ? trans.__('Source')
            : trans.__('Uncommitted changes');
        return (
          <section key={one.what} aria-label={title}>
            <h3>{title}</h3>
            {one.diff === '' ? (
              <p className="jp-Mlstudio-note">
                {trans.__('The same in both.')}
              </p>
            ) : (
              <Diff
                diff={one.diff}
                truncated={one.truncated}
                label={trans.__('Changes of %1', title)}
              />
            )}
          </section>
        );
      })}
    </div>
  );
}
