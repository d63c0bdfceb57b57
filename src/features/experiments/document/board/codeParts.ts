/** Pieces of generated Python: literals, comments, and the frame of rows. */

import { splitQuery } from '../query';

/** What `py` can write. */
export type Literal =
  | string
  | number
  | boolean
  | null
  | readonly Literal[]
  | { readonly [key: string]: Literal };

/** A Python literal. JSON's text of a string is one of Python's, too. */
export function py(value: Literal): string {
  if (value === null) {
    return 'None';
  }
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `float("${value}")`;
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      return Array.isArray(value)
        ? `[${value.map(py).join(', ')}]`
        : `{${Object.entries(value)
            .map(([key, one]) => `${py(key)}: ${py(one)}`)
            .join(', ')}}`;
  }
}

/** A comment of one line, whatever the title holds. */
export const comment = (text: string): string =>
  `# ${text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200)}`;

/** The table's query within its experiment. */
export function queryOf(experiment: string, where: string): string {
  const own = `experiment = ${JSON.stringify(experiment)}`;
  const { condition, tail } = splitQuery(where);
  const both = condition === '' ? own : `(${condition}) and ${own}`;
  return `${both} ${tail}`.trim();
}

/** `frame`: these columns of the rows that the board shows. */
export function frameCode(
  keys: readonly string[],
  context: {
    readonly experiment: string;
    readonly where: string;
    readonly names: readonly string[] | null;
  }
): string {
  const rows =
    context.names === null
      ? py(queryOf(context.experiment, context.where))
      : py(context.names);
  return [
    'import mlstudio',
    '',
    'frame = mlstudio.compare(',
    `    ${rows},`,
    `    columns=${py([...new Set(keys)])},`,
    ')'
  ].join('\n');
}
