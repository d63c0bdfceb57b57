/** A confusion matrix as a table: counts to read, shades to see, with what was found of each label. */
import * as React from 'react';

import { UserText, formatNumber, useStudio } from '../common';
import type { IStoredMatrix } from './stored';

/** The share of the row's colour in the darkest cell; more would make its number hard to read. */
const DARKEST = 55;

const percent = (part: number, whole: number): string =>
  whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–';

const sum = (values: readonly number[]): number =>
  values.reduce((n, value) => n + value, 0);

function shade(part: number, whole: number): React.CSSProperties | undefined {
  const share = whole > 0 ? Math.round((DARKEST * part) / whole) : 0;
  return share > 0
    ? {
        background: `color-mix(in srgb, var(--jp-mlstudio-series-1) ${share}%, var(--jp-layout-color1))`
      }
    : undefined;
}

interface IConfusionProps {
  readonly matrix: IStoredMatrix;
  /** What it is a matrix of. */
  readonly label: string;
}

/** The matrix with how much of it is right. */
export function ConfusionTable(props: IConfusionProps): React.ReactElement {
  const { trans } = useStudio();
  const { labels, values } = props.matrix;
  const total = sum(values.map(sum));
  const right = sum(values.map((row, i) => row[i]));
  return (
    <>
      <p className="jp-Mlstudio-hint">
        {trans.__(
          '%1 of %2 right (%3). Rows are the true labels, columns the predicted ones.',
          formatNumber(right),
          formatNumber(total),
          percent(right, total)
        )}
      </p>
      <div
        className="jp-Mlstudio-scroll jp-Mlstudio-confusion"
        role="region"
        aria-label={props.label}
        tabIndex={0}
      >
        <table className="jp-Mlstudio-confusionTable">
          <caption className="jp-Mlstudio-hidden">
            {trans.__('Confusion matrix: true labels by predicted labels')}
          </caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('True \\ predicted')}</th>
              {labels.map((label, i) => (
                <th key={i} scope="col" title={label}>
                  <UserText text={label} max={24} />
                </th>
              ))}
              <th
                scope="col"
                className="jp-mod-share"
                title={trans.__('Of those that are this label, found')}
              >
                {trans.__('Recall')}
              </th>
            </tr>
          </thead>
          <tbody>
            {values.map((row, i) => (
              <Row key={i} at={i} row={row} labels={labels} />
            ))}
            <Precision values={values} />
          </tbody>
        </table>
      </div>
    </>
  );
}

const Row = React.memo(
  (props: {
    readonly at: number;
    readonly row: readonly number[];
    readonly labels: readonly string[];
  }) => {
    const { trans } = useStudio();
    const { at, row, labels } = props;
    const whole = sum(row);
    return (
      <tr>
        <th scope="row" title={labels[at]}>
          <UserText text={labels[at]} max={24} />
        </th>
        {row.map((count, i) => (
          <td
            key={i}
            data-right={i === at}
            data-none={count === 0}
            style={shade(count, whole)}
            title={trans.__(
              '%1 taken for %2: %3 of %4 (%5)',
              labels[at],
              labels[i],
              count,
              whole,
              percent(count, whole)
            )}
          >
            {formatNumber(count)}
          </td>
        ))}
        <td className="jp-mod-share">{percent(row[at], whole)}</td>
      </tr>
    );
  }
);
Row.displayName = 'Row';

function Precision(props: {
  readonly values: readonly (readonly number[])[];
}): React.ReactElement {
  const { trans } = useStudio();
  const { values } = props;
  return (
    <tr>
      <th
        scope="row"
        className="jp-mod-share"
        title={trans.__('Of those that were called this label, right')}
      >
        {trans.__('Precision')}
      </th>
      {values.map((row, i) => (
        <td key={i} className="jp-mod-share">
          {percent(row[i], sum(values.map(one => one[i])))}
        </td>
      ))}
      <td className="jp-mod-share" />
    </tr>
  );
}
