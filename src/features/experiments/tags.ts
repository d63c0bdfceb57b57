/** Tags as lines of text, `key = value` or just `key`, and back. Pure. */

function lineOf(key: string, value: string): string {
  const line = value === '' ? key : `${key} = ${value}`;
  return line.replace(/[\r\n]+/g, ' ');
}

/** One line a tag, by key. */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => lineOf(key, value))
    .join('\n');
}

/**
 * Read such lines; the last of two equal keys wins, blank lines are nothing.
 *
 * @param known the tags that the text was made of: a line that nobody touched is that tag, also
 * where it holds what a line cannot say (a line break, or `=` in a key).
 */
export function parseTags(
  text: string,
  known: Readonly<Record<string, string>> = {}
): Record<string, string> {
  const lines = new Map(
    Object.entries(known).map(tag => [lineOf(...tag), tag] as const)
  );
  const tags = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const same = lines.get(line);
    if (same !== undefined) {
      tags.set(...same);
      continue;
    }
    const at = line.indexOf('=');
    const key = (at < 0 ? line : line.slice(0, at)).trim();
    if (key !== '') {
      tags.set(key, at < 0 ? '' : line.slice(at + 1).trim());
    }
  }
  return Object.fromEntries(tags);
}
