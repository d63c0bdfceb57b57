/** Unified diffs, line by line. Pure; knows nothing of what was compared. */

type DiffKind = 'file' | 'hunk' | 'add' | 'del' | 'same';

/** One line of a diff, without its sign. */
export interface IDiffLine {
  readonly kind: DiffKind;
  readonly text: string;
  /** Line number on the left, where there is one. */
  readonly left: number | null;
  readonly right: number | null;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Read a unified diff; lines outside its hunks are headers, whatever they say. */
export function diffLines(diff: string): IDiffLine[] {
  let [left, right] = [0, 0];
  let [leftEnd, rightEnd] = [0, 0];
  const lines = diff.split('\n');
  if (lines[lines.length - 1] === '') {
    lines.pop();
  }
  return lines.map((line): IDiffLine => {
    const outside = left >= leftEnd && right >= rightEnd;
    const hunk = outside ? HUNK.exec(line) : null;
    if (hunk) {
      const [from, size, to, length] = hunk.slice(1).map(n => Number(n ?? 1));
      [left, leftEnd, right, rightEnd] = [from, from + size, to, to + length];
      return { kind: 'hunk', text: line, left: null, right: null };
    }
    if (outside || line.startsWith('\\')) {
      return { kind: 'file', text: line, left: null, right: null };
    }
    const text = line.slice(1);
    switch (line[0]) {
      case '+':
        return { kind: 'add', text, left: null, right: right++ };
      case '-':
        return { kind: 'del', text, left: left++, right: null };
      default:
        return { kind: 'same', text, left: left++, right: right++ };
    }
  });
}

/** Lines that came and lines that went. */
export function diffCounts(lines: readonly IDiffLine[]): [number, number] {
  const count = (kind: DiffKind): number =>
    lines.filter(line => line.kind === kind).length;
  return [count('add'), count('del')];
}
