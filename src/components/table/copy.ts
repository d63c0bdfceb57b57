/** Rows as text for the clipboard and for files. */
import { formatOf, labelOf, type IColumn } from './columns';
import type { IRowSource } from './rowSource';
import { rawCell } from './values';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Tabs, line ends and leading `=+-@` would change the meaning of a pasted cell. */
export function tsvCell(text: string): string {
  return guard(text.replace(/[\t\r\n]+/g, ' '));
}

/** A text that a spreadsheet would run as a formula gets a leading quote; numbers stay. */
function guard(text: string): string {
  return /^[=+\-@]/.test(text) &&
    Number.isNaN(Number(text)) &&
    !/^-?Inf$/.test(text)
    ? `'${text}`
    : text;
}

/** Tab-separated rows with a header line, at full precision. */
export function toTsv(
  source: IRowSource,
  rows: readonly number[],
  columns: readonly IColumn[],
  trans: TranslationBundle
): string {
  const head = columns.map(c => tsvCell(labelOf(c.key, trans))).join('\t');
  const body = rows.map(row =>
    columns
      .map(c => tsvCell(rawCell(source.cell(row, c.key), formatOf(c))))
      .join('\t')
  );
  return [head, ...body].join('\n');
}

/** Rows of texts as CSV (RFC 4180). */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const quote = (text: string): string => {
    const safe = guard(text);
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return rows.map(row => row.map(quote).join(',')).join('\r\n') + '\r\n';
}
