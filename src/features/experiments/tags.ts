/** Tags as lines of text, `key = value` or just `key`, and back. Pure. */

/** One line a tag, by key. */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => {
      const line = value === '' ? key : `${key} = ${value}`;
      return line.replace(/[\r\n]+/g, ' ');
    })
    .join('\n');
}

/** Read such lines; the last of two equal keys wins, blank lines are nothing. */
export function parseTags(text: string): Record<string, string> {
  const tags = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=');
    const key = (at < 0 ? line : line.slice(0, at)).trim();
    if (key !== '') {
      tags.set(key, at < 0 ? '' : line.slice(at + 1).trim());
    }
  }
  return Object.fromEntries(tags);
}
