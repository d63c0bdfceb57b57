/**
 * What stands around every chart: its title, a summary for those who do not see it, the values
 * as a table, and the downloads.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { UserText } from '../common/text';
import { useFigureShell, type IFigureTool } from './shell';

/** A table of values: the first line is the head. */
export type ValueTable = readonly (readonly string[])[];

export interface IFigureFrameProps {
  readonly title: string;
  /** The key of what is drawn, where the title is another word for it. */
  readonly raw?: string;
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
  onSvg?(): void;
  onCsv(): void;
}

/** More lines are in the CSV file. */
const LINES = 200;

export function FigureFrame(props: IFigureFrameProps): JSX.Element {
  const { title, summary, trans, controls } = props;
  const [table, setTable] = React.useState(false);
  const tools = toolsOf(props, table, () => setTable(!table));
  const { inCard, portal } = useFigureShell({ title, tools }, controls);
  return (
    <div
      role="figure"
      aria-label={summary}
      className={`jp-Mlstudio-figure ${props.className ?? ''}`}
    >
      {inCard ? (
        portal
      ) : (
        <div className="jp-Mlstudio-figureHead">
          <span className="jp-Mlstudio-figureTitle" title={props.raw}>
            <UserText text={title} max={80} />
          </span>
          {controls}
          <Tools tools={tools} title={title} trans={trans} />
        </div>
      )}
      <div className="jp-Mlstudio-figureBody">
        {props.children}
        {table && (
          <Values
            rows={props.values()}
            title={title}
            trans={trans}
            onClose={() => setTable(false)}
          />
        )}
      </div>
    </div>
  );
}

function toolsOf(
  props: IFigureFrameProps,
  table: boolean,
  onTable: () => void
): IFigureTool[] {
  const { trans, onSvg } = props;
  const values: IFigureTool = {
    id: 'table',
    label: trans.__('Table'),
    pressed: table,
    act: onTable
  };
  const png: IFigureTool = {
    id: 'png',
    label: trans.__('PNG'),
    act: props.onPng
  };
  const csv: IFigureTool = {
    id: 'csv',
    label: trans.__('CSV'),
    act: props.onCsv
  };
  return onSvg === undefined
    ? [values, png, csv]
    : [values, png, { id: 'svg', label: trans.__('SVG'), act: onSvg }, csv];
}

/** What a tool does to which chart, for those who hear the buttons alone. */
function toolName(
  tool: IFigureTool,
  title: string,
  trans: TranslationBundle
): string {
  const name = title.slice(0, 80);
  return tool.id === 'table'
    ? trans.__('%1 as a table of values', name)
    : trans.__('Save %1 as %2', name, tool.label);
}

function Tools(props: {
  tools: readonly IFigureTool[];
  title: string;
  trans: TranslationBundle;
}): JSX.Element {
  return (
    <span className="jp-Mlstudio-figureTools">
      {props.tools.map(tool => (
        <button
          key={tool.id}
          type="button"
          className="jp-Mlstudio-tool"
          aria-pressed={tool.pressed}
          aria-label={toolName(tool, props.title, props.trans)}
          onClick={tool.act}
        >
          {tool.label}
        </button>
      ))}
    </span>
  );
}

function Values(props: {
  rows: ValueTable;
  title: string;
  trans: TranslationBundle;
  onClose(): void;
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
      <button
        type="button"
        className="jp-Mlstudio-tool jp-Mlstudio-valuesClose"
        aria-label={trans.__('Close the table of values')}
        onClick={props.onClose}
      >
        ×
      </button>
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
