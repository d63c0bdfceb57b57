/** The frame of every table of a comparison: a column for each trial, groups of rows below one head. */
import * as React from 'react';

import { UserText, useStudio } from '../../../components/common';
import { Swatch } from './Strip';

interface IGridProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly children: React.ReactNode;
}

/** The table with its head; `children` are its bodies. */
export function Grid(props: IGridProps): React.ReactElement {
  const { trans } = useStudio();
  return (
    <div
      className="jp-Mlstudio-scroll jp-Mlstudio-compare-box"
      role="region"
      aria-label={props.label}
      tabIndex={0}
    >
      <table className="jp-Mlstudio-plain jp-Mlstudio-compare-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Property')}</th>
            {props.names.map((name, i) => (
              <th key={name} scope="col" data-baseline={i === 0}>
                <Swatch name={name} />
                <UserText text={props.labels[i] ?? name} max={60} />
              </th>
            ))}
          </tr>
        </thead>
        {props.children}
      </table>
    </div>
  );
}

interface IGroupProps {
  readonly title: string;
  /** Columns of the table. */
  readonly span: number;
  readonly children: React.ReactNode;
}

/** Rows under a heading of their own. */
export function Group(props: IGroupProps): React.ReactElement {
  return (
    <tbody>
      <tr className="jp-Mlstudio-compare-group">
        <th scope="rowgroup" colSpan={props.span}>
          {props.title}
        </th>
      </tr>
      {props.children}
    </tbody>
  );
}
