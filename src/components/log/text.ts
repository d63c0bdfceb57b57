/**
 * The text of a log: bytes in, lines out, as a terminal would have left them.
 *
 * Colours are kept beside the text, other escape sequences are dropped, a carriage return
 * overwrites its line (so a progress bar is one line, not a thousand), bytes that are not UTF-8
 * become U+FFFD. Lines are text and stay text. Memory is bounded: a log of any size keeps its last lines here, the whole
 * is in the download.
 */
import { PLAIN, cut, join, readStyled } from './ansi';
import type { IPen, ISpan, IStyled } from './ansi';

/** Longest line that is kept; the rest of it is in the download. */
export const MAX_LINE = 10_000;
/** Lines kept; when more arrive the oldest tenth goes. */
export const MAX_LINES = 200_000;

// An escape sequence that the chunk cut in two.
const CUT_ESCAPE =
  /\u001b(?:\[[0-9;:?<=>! -/]{0,72}|\][^\u0007\u001b]{0,2048})?$/;
const ERASE = '\u001b[K';

/** One piece written from column 0 over what the line held: the longer one shows its end. */
function overwrite(line: IStyled, piece: IStyled, erases: boolean): IStyled {
  const length = piece.text.length;
  return erases || length >= line.text.length
    ? piece
    : join(piece, cut(line, length));
}

/** A line as the terminal would show it, and the pen that it leaves. */
export function renderLine(raw: string, pen: IPen = PLAIN): [IStyled, IPen] {
  const ended = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  let now = pen;
  let line: IStyled = { text: '', spans: null };
  for (const part of ended.split('\r')) {
    const [piece, left] = readStyled(part, now);
    now = left;
    if (part !== '') {
      line = overwrite(line, piece, part.includes(ERASE));
    }
  }
  if (line.text.length > MAX_LINE) {
    line = join(cut(line, 0, MAX_LINE), { text: '…', spans: null });
  }
  return [line, now];
}

/** Lines of a log that grows at its end. */
export class LogText {
  /** Finished lines, then the unfinished one if it is not empty. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Styled stretches of each line; null: none. */
  get spans(): readonly (readonly ISpan[] | null)[] {
    return this.#spans;
  }

  /** Lines that were dropped from the beginning to bound memory. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Add bytes that follow those added before; a character or a line may be cut anywhere. */
  append(bytes: Uint8Array): void {
    this.add(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Add text. */
  add(text: string): void {
    if (text === '') {
      return;
    }
    if (this.#open) {
      this.#lines.pop();
      this.#spans.pop();
    }
    const whole = this.#rest + text;
    const parts = whole.split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) {
      const [line, pen] = renderLine(part, this.#pen);
      this.#pen = pen;
      this.#push(line);
    }
    // A line without end must not grow without end: keep its beginning, and what a \r may need.
    this.#rest = bounded(rest);
    const [shown] = renderLine(this.#rest.replace(CUT_ESCAPE, ''), this.#pen);
    this.#open = shown.text !== '';
    if (this.#open) {
      this.#push(shown);
    }
    if (this.#lines.length > MAX_LINES) {
      const gone = this.#lines.length - Math.floor(MAX_LINES * 0.9);
      this.#lines.splice(0, gone);
      this.#spans.splice(0, gone);
      this.#forgotten += gone;
    }
  }

  /** Put lines before those that are here (an earlier stretch of the same log). */
  prepend(earlier: LogText): void {
    // Not spread into a call: a hundred thousand arguments are more than a stack takes.
    const [later, styles] = [this.#lines.splice(0), this.#spans.splice(0)];
    const from = Math.max(0, earlier.lines.length - MAX_LINES / 2);
    for (let i = from; i < earlier.lines.length; i++) {
      this.#push({ text: earlier.lines[i], spans: earlier.spans[i] });
    }
    later.forEach((text, i) => this.#push({ text, spans: styles[i] }));
    this.#forgotten = 0;
  }

  #push(line: IStyled): void {
    this.#lines.push(line.text);
    this.#spans.push(line.spans);
  }

  readonly #decoder = new TextDecoder('utf-8');
  readonly #lines: string[] = [];
  readonly #spans: (readonly ISpan[] | null)[] = [];
  #pen: IPen = PLAIN;
  #rest = '';
  #open = false;
  #forgotten = 0;
}

function bounded(rest: string): string {
  if (rest.length <= 4 * MAX_LINE) {
    return rest;
  }
  // The newest overwrite of a progress bar, or the beginning of an endless line.
  const at = rest.lastIndexOf('\r');
  return at > 0 && rest.length - at <= 4 * MAX_LINE
    ? rest.slice(at)
    : rest.slice(0, 2 * MAX_LINE);
}

/** Indexes of lines that hold the text, case ignored unless the text has a capital. */
export function findLines(lines: readonly string[], text: string): number[] {
  if (text === '') {
    return [];
  }
  const exact = text !== text.toLowerCase();
  const wanted = exact ? text : text.toLowerCase();
  const found: number[] = [];
  lines.forEach((line, i) => {
    if ((exact ? line : line.toLowerCase()).includes(wanted)) {
      found.push(i);
    }
  });
  return found;
}

/** Cut a line at the matches: even pieces are outside, odd ones inside. */
export function splitMatches(line: string, text: string): string[] {
  if (text === '') {
    return [line];
  }
  const exact = text !== text.toLowerCase();
  const hay = exact ? line : line.toLowerCase();
  // Lower case may change the length of a text (İ): then nothing is marked rather than the wrong part.
  if (hay.length !== line.length) {
    return [line];
  }
  const wanted = exact ? text : text.toLowerCase();
  const pieces: string[] = [];
  let from = 0;
  for (let at = hay.indexOf(wanted); at >= 0; at = hay.indexOf(wanted, from)) {
    pieces.push(line.slice(from, at), line.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  pieces.push(line.slice(from));
  return pieces;
}

const ERRORS =
  /^(?:[A-Za-z_][\w.]{0,100})?(?:Error|Exception|KeyboardInterrupt|SystemExit)(?::|$)|\b(?:ERROR|CRITICAL|FATAL)\b|^Segmentation fault|^Killed$|\(core dumped\)$/;

/** Index of the last line before `before` that tells of an error; -1: none. */
export function errorBefore(lines: readonly string[], before: number): number {
  for (let i = Math.min(before, lines.length) - 1; i >= 0; i--) {
    if (ERRORS.test(lines[i])) {
      return i;
    }
  }
  return -1;
}
