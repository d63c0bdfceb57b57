/** Names and values in two columns, and plain tables: what most tabs are made of. */
import * as React from 'react';

import { useStudio } from './context';
import { formatNumber } from './format';
import { UserText } from './text';

/** Rows that are drawn at first, and by each "more". */
const AT_ONCE = 500;

interface IFieldProps {
  readonly label: string;
  readonly children: React.ReactNode;
}

/** One name and its value. */
export function Field(props: IFieldProps): React.ReactElement {
  return (
    <div className="jp-Mlstudio-fact">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

interface ITableProps {
  readonly label: string;
  readonly head: readonly string[];
  /** Columns that hold numbers, by index. */
  readonly numeric?: readonly number[];
  /** Columns of short words that are never broken, by index. */
  readonly short?: readonly number[];
  /** All rows are drawn: the caller brings them by pages. */
  readonly whole?: boolean;
  readonly rows: readonly {
    readonly key: string;
    readonly cells: readonly React.ReactNode[];
  }[];
}

/** A small table; wide ones scroll inside their own box. */
export function Table(props: ITableProps): React.ReactElement {
  const { trans } = useStudio();
  const [wanted, setLimit] = React.useState(AT_ONCE);
  const { rows, whole = false } = props;
  const limit = whole ? rows.length : wanted;
  const kind = (i: number): string | undefined =>
    props.numeric?.includes(i)
      ? 'jp-mod-number'
      : props.short?.includes(i)
        ? 'jp-mod-short'
        : undefined;
  return (
    <>
      <div
        className="jp-Mlstudio-scroll"
        role="region"
        aria-label={props.label}
        tabIndex={0}
      >
        <table className="jp-Mlstudio-plain">
          <thead>
            <tr>
              {props.head.map((text, i) => (
                <th key={text} scope="col" className={kind(i)}>
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, limit).map(row => (
              <tr key={row.key}>
                {row.cells.map((cell, i) => (
                  <td key={i} className={kind(i)}>
                    {typeof cell === 'string' ? <UserText text={cell} /> : cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > limit && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => setLimit(limit + AT_ONCE)}
        >
          {trans.__('Show more of %1', formatNumber(rows.length))}
        </button>
      )}
    </>
  );
}
