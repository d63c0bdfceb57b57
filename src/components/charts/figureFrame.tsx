/**
 * What stands around every chart: its title, a summary for those who do not see it, the values
 * as a table, and the downloads.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { UserText } from '../common/text';

/** A table of values: the first line is the head. */
export type ValueTable = readonly (readonly string[])[];

export interface IFigureFrameProps {
  readonly title: string;
  /** The chart in one sentence. */
  readonly summary: string;
  readonly trans: TranslationBundle;
  readonly className?: string;
  readonly children: React.ReactNode;
  /** Further controls beside the title. */
  readonly controls?: React.ReactNode;
  /** Values as texts; called when they are shown. */
  values(): ValueTable;
  onPng(): void;
  onCsv(): void;
}

/** More lines are in the CSV file. */
const LINES = 200;

export function FigureFrame(props: IFigureFrameProps): JSX.Element {
  const { title, summary, trans } = props;
  const [table, setTable] = React.useState(false);
  return (
    <div
      role="figure"
      aria-label={summary}
      className={`jp-Mlstudio-figure ${props.className ?? ''}`}
    >
      <div className="jp-Mlstudio-figureHead">
        <span className="jp-Mlstudio-figureTitle">
          <UserText text={title} max={80} />
        </span>
        {props.controls}
        <span className="jp-Mlstudio-figureTools">
          <button
            type="button"
            className="jp-Mlstudio-tool"
            aria-pressed={table}
            aria-label={trans.__('%1 as a table of values', title.slice(0, 80))}
            onClick={() => setTable(!table)}
          >
            {trans.__('Table')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-tool"
            aria-label={trans.__('Save %1 as PNG', title.slice(0, 80))}
            onClick={props.onPng}
          >
            {trans.__('PNG')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-tool"
            aria-label={trans.__('Save %1 as CSV', title.slice(0, 80))}
            onClick={props.onCsv}
          >
            {trans.__('CSV')}
          </button>
        </span>
      </div>
      <div className="jp-Mlstudio-figureBody">
        {props.children}
        {table && <Values rows={props.values()} title={title} trans={trans} />}
      </div>
    </div>
  );
}

function Values(props: {
  rows: ValueTable;
  title: string;
  trans: TranslationBundle;
}): JSX.Element {
  const [head = [], ...body] = props.rows;
  const { trans } = props;
  return (
    <div
      className="jp-Mlstudio-values"
      tabIndex={0}
      role="region"
      aria-label={trans.__('Values of %1', props.title.slice(0, 80))}
    >
      <table>
        <thead>
          <tr>
            {head.map((text, i) => (
              <th key={i} scope="col">
                <UserText text={text} max={60} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.slice(0, LINES).map((row, i) => (
            <tr key={i}>
              {row.map((text, j) => (
                <td key={j}>
                  <UserText text={text} max={60} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {body.length > LINES && (
        <p className="jp-Mlstudio-hint">
          {trans.__('%1 more lines are in the CSV file.', body.length - LINES)}
        </p>
      )}
    </div>
  );
}
