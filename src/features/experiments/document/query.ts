/** Texts of the document: the query joined with the quick filter, the place of an error, example code. */

/** A text of the query language: quotes and backslashes are escaped. */
function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}

/** Texts and back-quoted names of the query language: what stands in them is no keyword. */
const TEXTS = /"(\\[^]|[^"\\])*"|'(\\[^]|[^'\\])*'|`[^`]*`/g;

/** A query's condition, and its order and limit (empty without one). */
export function splitQuery(where: string): {
  condition: string;
  tail: string;
} {
  const bare = where.replace(TEXTS, text => '_'.repeat(text.length));
  const at = /(?<=^|\s)(order\s+by|limit)\s/i.exec(bare)?.index;
  return {
    condition: where.slice(0, at).trim(),
    tail: at === undefined ? '' : where.slice(at).trim()
  };
}

/** The query and the quick filter as one query. The user's text comes first, so that columns in errors stay. */
export function combineWhere(where: string, quick: string): string {
  const text = quick.trim();
  if (text === '') {
    return where;
  }
  const names = `(name contains ${quoted(text)} or display_name contains ${quoted(text)})`;
  const { condition, tail } = splitQuery(where);
  const both = condition === '' ? names : `(${condition}) and ${names}`;
  return `${both} ${tail}`.trim();
}

/** Whether a query says how rows are sorted. */
export function hasOrder(where: string): boolean {
  return /^order\s/i.test(splitQuery(where).tail);
}

/** The 0-based place of `… at 1:9` in an error's message, or null. */
export function caretOf(message: string): number | null {
  const found = /\bat (\d+):(\d+)/.exec(message);
  return found === null ? null : Math.max(0, Number(found[2]) - 1);
}

/** Three lines that put a run into this experiment. */
export function codeFor(experiment: string): string {
  return [
    'import mlstudio',
    `with mlstudio.run(${JSON.stringify(experiment)}, lr=0.1) as run:`,
    '    run.log(loss=0.5, step=1)'
  ].join('\n');
}
