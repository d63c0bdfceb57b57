/** What two jobs do not share: values side by side, code line by line. */
import * as React from 'react';

import type { JobRecord, Schemas } from '../../../api/types';
import { Banner, Diff, UserText, useStudio } from '../../../components/common';
import type { IStudioServices } from '../../../components/common';
import { useDifference, useJobs } from '../data';

type Section = Schemas['FieldDifference']['section'];
/** Jobs that the choice lists. */
const LISTED = 200;

function sectionText(
  section: Section,
  trans: IStudioServices['trans']
): string {
  switch (section) {
    case 'hyperparameters':
      return trans.__('Hyperparameters');
    case 'environment':
      return trans.__('Environment');
    case 'inputs':
      return trans.__('Inputs');
    case 'outputs':
      return trans.__('Outputs');
    case 'arguments':
      return trans.__('Arguments');
    default:
      return trans.__('Settings');
  }
}

function changeText(
  change: Schemas['FileDifference']['change'],
  trans: IStudioServices['trans']
): string {
  switch (change) {
    case 'added':
      return trans.__('added');
    case 'removed':
      return trans.__('removed');
    default:
      return trans.__('changed');
  }
}

function Values(props: {
  readonly difference: Schemas['JobDifference'];
}): React.ReactElement | null {
  const { trans } = useStudio();
  const { left, right, fields } = props.difference;
  if (fields.length === 0) {
    return null;
  }
  const value = (text: string | null): React.ReactNode =>
    text === null ? (
      <span className="jp-Mlstudio-none">–</span>
    ) : (
      <UserText text={text} max={500} />
    );
  return (
    <div
      className="jp-Mlstudio-scroll"
      role="region"
      aria-label={trans.__('Values that differ')}
      tabIndex={0}
    >
      <table className="jp-Mlstudio-plain">
        <thead>
          <tr>
            <th scope="col">{trans.__('Part')}</th>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">
              <UserText text={left} max={60} />
            </th>
            <th scope="col">
              <UserText text={right} max={60} />
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map(one => (
            <tr key={`${one.section} ${one.name}`}>
              <td className="jp-mod-short">
                {sectionText(one.section, trans)}
              </td>
              <td>
                <UserText text={one.name} />
              </td>
              <td>{value(one.left)}</td>
              <td>{value(one.right)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shown(props: {
  readonly difference: Schemas['JobDifference'];
}): React.ReactElement {
  const { trans } = useStudio();
  const { fields, files, files_left_out: left } = props.difference;
  if (fields.length === 0 && files.length === 0) {
    return <p role="status">{trans.__('They share everything.')}</p>;
  }
  return (
    <>
      <Values difference={props.difference} />
      {files.map(file => (
        <section key={file.path}>
          <h3>
            <UserText text={file.path} />{' '}
            <span className="jp-Mlstudio-chip">
              {changeText(file.change, trans)}
            </span>
          </h3>
          {file.diff ? (
            <Diff
              diff={file.diff}
              label={trans.__('Differences of %1', file.path)}
            />
          ) : (
            <p className="jp-Mlstudio-none">
              {trans.__('No text, or more than is shown here.')}
            </p>
          )}
        </section>
      ))}
      {(left ?? 0) > 0 && (
        <p>{trans._n('and %1 more file', 'and %1 more files', left ?? 0)}</p>
      )}
    </>
  );
}

interface IDifferenceProps {
  readonly job: JobRecord;
  readonly other: string;
  readonly onOther: (name: string) => void;
}

/** The tab "Compare". */
export function Difference(props: IDifferenceProps): React.ReactElement {
  const { trans } = useStudio();
  const { job, other } = props;
  const list = useJobs(LISTED);
  const query = useDifference(job.name, other);
  const names = (list.data?.jobs ?? [])
    .map(one => one.name)
    .filter(name => name !== job.name);
  if (other !== '' && !names.includes(other)) {
    names.unshift(other);
  }
  return (
    <div className="jp-Mlstudio-page-body">
      <label className="jp-Mlstudio-check jp-Mlstudio-against">
        {trans.__('Compare with')}
        <select
          className="jp-Mlstudio-select"
          value={other}
          onChange={event => props.onOther(event.target.value)}
        >
          <option value="">{trans.__('choose a job')}</option>
          {names.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Banner error={query.error} retry={() => void query.refetch()} />
      {other !== '' && query.isPending && <p>{trans.__('Loading…')}</p>}
      {other !== '' && query.data && <Shown difference={query.data} />}
    </div>
  );
}
