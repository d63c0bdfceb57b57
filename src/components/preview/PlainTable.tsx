/** A table of texts with how many of its rows are shown. */
import * as React from 'react';

import { UserText, formatNumber, useStudio } from '../common';

interface IPlainTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly types?: readonly string[] | null;
  readonly rows: readonly (readonly (string | null)[])[];
  readonly total?: number | null;
}

/** The table, scrolling inside its own box. */
export function PlainTable(props: IPlainTableProps): React.ReactElement {
  const { trans } = useStudio();
  const { columns, rows, types, total } = props;
  return (
    <>
      <div
        className="jp-Mlstudio-scroll jp-Mlstudio-preview-table"
        role="region"
        aria-label={props.label}
        tabIndex={0}
      >
        <table className="jp-Mlstudio-plain">
          <thead>
            <tr>
              {columns.map((name, i) => (
                <th key={i} scope="col">
                  <UserText text={name} max={80} />
                  {types?.[i] && (
                    <span className="jp-Mlstudio-type">
                      <UserText text={types[i]} max={40} />
                    </span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {columns.map((_, j) => (
                  <td key={j} className="jp-mod-short">
                    {row[j] === null || row[j] === undefined ? (
                      <span className="jp-Mlstudio-none">–</span>
                    ) : (
                      <UserText text={row[j] ?? ''} max={120} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total !== null && total !== undefined && total > rows.length && (
        <p className="jp-Mlstudio-note">
          {trans.__(
            'The first %1 of %2 rows',
            formatNumber(rows.length),
            formatNumber(total)
          )}
        </p>
      )}
    </>
  );
}
