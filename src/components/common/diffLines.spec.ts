import { describe, expect, it } from 'vitest';

import { diffCounts, diffLines } from './diffLines';

const DIFF = `--- a/train.py
+++ b/train.py
@@ -1,4 +1,4 @@
 import torch
-lr = 0.1
+lr = 0.2
--- a header?
++++ b no
 run()
`;

describe('a unified diff', () => {
  it('numbers the lines of both sides', () => {
    const lines = diffLines(DIFF);
    expect(lines.map(({ kind, left, right }) => [kind, left, right])).toEqual([
      ['file', null, null],
      ['file', null, null],
      ['hunk', null, null],
      ['same', 1, 1],
      ['del', 2, null],
      ['add', null, 2],
      ['del', 3, null],
      ['add', null, 3],
      ['same', 4, 4]
    ]);
    expect(diffCounts(lines)).toEqual([2, 2]);
  });

  it('starts anew with each file of a git diff', () => {
    const kinds = diffLines(
      `diff --git a/x b/x\nindex 1..2\n${DIFF}diff --git a/y b/y\nnew file mode 100644\n--- /dev/null\n+++ b/y\n@@ -0,0 +1 @@\n+<script>\n\\ No newline at end of file\n`
    ).map(line => line.kind);
    expect(kinds.slice(-7)).toEqual([
      'file',
      'file',
      'file',
      'file',
      'hunk',
      'add',
      'file'
    ]);
  });

  it('is empty for nothing, and never throws on what is no diff', () => {
    expect(diffLines('')).toEqual([]);
    expect(diffLines('what\nis this').map(line => line.kind)).toEqual([
      'file',
      'file'
    ]);
  });
});
