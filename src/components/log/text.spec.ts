import { describe, expect, it } from 'vitest';

import {
  LogText,
  MAX_LINE,
  MAX_LINES,
  errorBefore,
  findLines,
  renderLine,
  splitMatches
} from './text';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const shownOf = (raw: string): string => renderLine(raw)[0].text;

const textOf = (...parts: (string | Uint8Array)[]): readonly string[] => {
  const log = new LogText();
  parts.forEach(part =>
    log.append(typeof part === 'string' ? bytes(part) : part)
  );
  return log.lines;
};

describe('the text of a log', () => {
  it('is its lines, the last one also while it is unfinished', () => {
    expect(textOf('one\ntwo\nthr')).toEqual(['one', 'two', 'thr']);
    expect(textOf('one\ntwo\nthr', 'ee\n')).toEqual(['one', 'two', 'three']);
    expect(textOf('one\n\n\n')).toEqual(['one', '', '']);
  });

  it('does not care where it is cut', () => {
    const whole = 'ä€😀 \u001b[31mred\u001b[0m\r\nnext\rNEXT!\nend';
    const data = bytes(whole);
    const once = textOf(data);
    for (let cut = 0; cut <= data.length; cut++) {
      expect(textOf(data.subarray(0, cut), data.subarray(cut))).toEqual(once);
    }
    expect(once).toEqual(['ä€😀 red', 'NEXT!', 'end']);
  });

  it('drops colours, titles and control characters, and keeps markup as text', () => {
    expect(
      shownOf('\u001b[1;38;5;208mWARN\u001b[0m\u0007 <img onerror=x>')
    ).toBe('WARN <img onerror=x>');
    expect(shownOf('\u001b]0;title\u0007done\u001b]8;;http://x\u001b\\')).toBe(
      'done'
    );
    expect(shownOf('a\tb')).toBe('a\tb');
  });

  it('collapses a progress bar to what a terminal shows', () => {
    const bar = Array.from({ length: 101 }, (_, i) => `\r${i}%|`).join('');
    expect(textOf(`${bar}\nok\n`)).toEqual(['100%|', 'ok']);
    expect(shownOf('abcdef\rXY')).toBe('XYcdef');
    expect(shownOf('abcdef\rXY\u001b[K')).toBe('XY');
    expect(textOf('windows\r\nline\r\n')).toEqual(['windows', 'line']);
  });

  it('replaces bytes that are not UTF-8', () => {
    expect(textOf(new Uint8Array([0x61, 0xff, 0x62, 0x0a]))).toEqual([
      'a\ufffdb'
    ]);
  });

  it('bounds a line without end and a log without end', () => {
    const log = new LogText();
    for (let i = 0; i < 30; i++) {
      log.add('x'.repeat(10_000));
    }
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0].length).toBeLessThanOrEqual(MAX_LINE + 1);

    const long = new LogText();
    long.add('l\n'.repeat(MAX_LINES + 1));
    expect(long.lines.length).toBeLessThanOrEqual(MAX_LINES);
    expect(long.forgotten + long.lines.length).toBe(MAX_LINES + 1);
  });
});

describe('searching a log', () => {
  it('ignores case unless the text has a capital', () => {
    const lines = ['Error: a', 'an error', 'fine'];
    expect(findLines(lines, 'error')).toEqual([0, 1]);
    expect(findLines(lines, 'Error')).toEqual([0]);
    expect(findLines(lines, '')).toEqual([]);
  });

  it('takes the text literally and marks each match', () => {
    expect(findLines(['a(+b', 'aab'], '(+')).toEqual([0]);
    expect(splitMatches('a.b.c', '.')).toEqual(['a', '.', 'b', '.', 'c']);
    expect(splitMatches('İİx', 'x').join('')).toBe('İİx');
  });
});

describe('an earlier stretch', () => {
  it('stands before what is here, its last lines where it is too long', () => {
    const log = new LogText();
    log.add('later\nlast');
    const { lines } = log;
    const earlier = new LogText();
    earlier.add('x\n'.repeat(MAX_LINES - 1));
    earlier.add('just before\n');
    log.prepend(earlier);
    expect(lines).toHaveLength(MAX_LINES / 2 + 2);
    expect(lines.slice(-3)).toEqual(['just before', 'later', 'last']);
    // What was open goes on.
    log.add(' line\n');
    expect(lines.slice(-1)).toEqual(['last line']);
  });
});

describe('colours of a log', () => {
  it('last over lines until they are reset, wherever the bytes are cut', () => {
    const data = bytes('\u001b[31mone\ntwo\u001b[0m end\nthree\n');
    const red = (to: number): unknown[] => [{ from: 0, to, style: 'red' }];
    for (let cut = 0; cut <= data.length; cut++) {
      const log = new LogText();
      log.append(data.subarray(0, cut));
      log.append(data.subarray(cut));
      expect(log.lines).toEqual(['one', 'two end', 'three']);
      expect(log.spans).toEqual([red(3), red(3), null]);
    }
  });

  it('stay with their lines when earlier ones come before', () => {
    const [early, late] = [new LogText(), new LogText()];
    early.append(bytes('\u001b[32mok\u001b[0m\nplain\n'));
    late.append(bytes('late \u001b[34mblue\u001b[0m\n'));
    late.prepend(early);
    expect(late.spans).toEqual([
      [{ from: 0, to: 2, style: 'green' }],
      null,
      [{ from: 5, to: 9, style: 'blue' }]
    ]);
  });

  it('of a progress bar are those of each character that it shows at last', () => {
    const [line] = renderLine('\u001b[31m10%|#\u001b[0m\r\u001b[32m20%');
    expect(line).toEqual({
      text: '20%|#',
      spans: [
        { from: 0, to: 3, style: 'green' },
        { from: 3, to: 5, style: 'red' }
      ]
    });
  });
});

describe('the last error', () => {
  const lines = [
    'step 1 loss 0.1',
    'Traceback (most recent call last):',
    '  File "a.py", line 1',
    'ValueError: no',
    'an Errorless line, terrors and ERRORS',
    '2026-01-01 ERROR worker: gone',
    'end'
  ];

  it('is the nearest one before', () => {
    expect(errorBefore(lines, lines.length)).toBe(5);
    expect(errorBefore(lines, 5)).toBe(3);
    expect(errorBefore(lines, 3)).toBe(-1);
    expect(errorBefore(['torch.cuda.OutOfMemoryError: CUDA'], 1)).toBe(0);
  });
});
