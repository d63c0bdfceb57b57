/**
 * Colours of a terminal: text with escape sequences in, text and styled stretches out. Pure.
 *
 * Any colour (16, 256 or 24 bits) becomes the nearest of six hues or grey, so that each theme can
 * give it one that is readable there. Black and white are the theme's own text. Sequences that
 * move a cursor, set titles or make links are dropped; parsing is linear.
 */

/** A stretch of a line in one style: names of hues and weights, `red bold`. */
export interface ISpan {
  readonly from: number;
  readonly to: number;
  readonly style: string;
}

/** A line as text and its styled stretches, in order; null: none. */
export interface IStyled {
  readonly text: string;
  readonly spans: readonly ISpan[] | null;
}

/** What is drawn from now on. */
export interface IPen {
  readonly fg: string;
  readonly bg: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}

export const PLAIN: IPen = {
  fg: '',
  bg: '',
  bold: false,
  dim: false,
  italic: false,
  underline: false
};

// CSI, OSC (ended by BEL or ST), other two-character escapes. Linear: no nested repetition.
const ESCAPES =
  /\u001b\[[0-9;:?<=>!]{0,64}[ -/]{0,8}[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_a-z()=>][0-9A-Za-z]?/g;
const SGR = /^\u001b\[([0-9;:]*)m$/;
// What is left of control characters, save tab.
const CONTROLS = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

const BASE = ['', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', ''];
const AROUND = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'];

/** The nearest hue of a colour; '' for what is nearly black or white. */
function hueOf(r: number, g: number, b: number): string {
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)];
  const spread = high - low;
  if (spread < 40) {
    return high > 80 && high < 200 ? 'grey' : '';
  }
  const sixth =
    high === r
      ? (g - b) / spread
      : high === g
        ? 2 + (b - r) / spread
        : 4 + (r - g) / spread;
  return AROUND[(Math.round(sixth) + 6) % 6];
}

/** A colour of the table of 256. */
function indexed(n: number): string {
  if (n < 16) {
    return n === 8 ? 'grey' : BASE[n % 8];
  }
  if (n >= 232) {
    const level = 8 + 10 * (n - 232);
    return hueOf(level, level, level);
  }
  const level = (i: number): number => (i === 0 ? 0 : 55 + 40 * i);
  const at = n - 16;
  return hueOf(
    level(Math.floor(at / 36)),
    level(Math.floor(at / 6) % 6),
    level(at % 6)
  );
}

/** The colour behind a 38 or a 48, and how many numbers it took. */
function extended(codes: readonly number[], at: number): [string, number] {
  if (codes[at] === 5) {
    return [indexed(Math.min(255, codes[at + 1] ?? 0)), 2];
  }
  if (codes[at] === 2) {
    const [r = 0, g = 0, b = 0] = codes.slice(at + 1, at + 4);
    return [hueOf(r, g, b), 4];
  }
  return ['', 1];
}

const FLAGS: Record<number, Partial<IPen>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  39: { fg: '' },
  49: { bg: '' }
};

/** The pen after "select graphic rendition" with these numbers. */
export function dip(pen: IPen, numbers: string): IPen {
  const codes = numbers.split(/[;:]/).map(Number);
  let next = pen;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    const tens = Math.floor(code / 10);
    if (code in FLAGS) {
      next = { ...next, ...FLAGS[code] };
    } else if (code === 38 || code === 48) {
      const [hue, used] = extended(codes, i + 1);
      next = code === 38 ? { ...next, fg: hue } : { ...next, bg: hue };
      i += used;
    } else if (tens === 3 || tens === 9) {
      next = { ...next, fg: indexed((code % 10) + (tens === 9 ? 8 : 0)) };
    } else if (tens === 4 || tens === 10) {
      next = { ...next, bg: indexed((code % 10) + (tens === 10 ? 8 : 0)) };
    }
  }
  return next;
}

function styleOf(pen: IPen): string {
  if (pen === PLAIN) {
    return '';
  }
  return [
    pen.fg,
    pen.bg && `on-${pen.bg}`,
    pen.bold && 'bold',
    pen.dim && pen.fg === '' && 'grey',
    pen.italic && 'italic',
    pen.underline && 'underline'
  ]
    .filter(Boolean)
    .join(' ');
}

/** Read a stretch without line ends; the pen that it leaves is for the next. */
export function readStyled(raw: string, pen: IPen): [IStyled, IPen] {
  if (!raw.includes('\u001b')) {
    const text = raw.replace(CONTROLS, '');
    const style = text === '' ? '' : styleOf(pen);
    return [
      { text, spans: style ? [{ from: 0, to: text.length, style }] : null },
      pen
    ];
  }
  let [text, from, now] = ['', 0, pen];
  const spans: ISpan[] = [];
  const add = (piece: string): void => {
    const clean = piece.replace(CONTROLS, '');
    const style = styleOf(now);
    if (style !== '' && clean !== '') {
      spans.push({ from: text.length, to: text.length + clean.length, style });
    }
    text += clean;
  };
  for (const found of raw.matchAll(ESCAPES)) {
    add(raw.slice(from, found.index));
    from = found.index + found[0].length;
    const sgr = SGR.exec(found[0]);
    if (sgr) {
      now = dip(now, sgr[1]);
    }
  }
  add(raw.slice(from));
  return [{ text, spans: spans.length > 0 ? spans : null }, now];
}

/** The part of styled text from one place to another. */
export function cut(line: IStyled, from: number, to = Infinity): IStyled {
  const spans = (line.spans ?? [])
    .filter(span => span.to > from && span.from < to)
    .map(span => ({
      ...span,
      from: Math.max(0, span.from - from),
      to: Math.min(span.to, to) - from
    }));
  return {
    text: line.text.slice(from, to),
    spans: spans.length > 0 ? spans : null
  };
}

/** One styled text behind the other. */
export function join(left: IStyled, right: IStyled): IStyled {
  const by = left.text.length;
  const moved = (right.spans ?? []).map(span => ({
    ...span,
    from: span.from + by,
    to: span.to + by
  }));
  const spans = [...(left.spans ?? []), ...moved];
  return {
    text: left.text + right.text,
    spans: spans.length > 0 ? spans : null
  };
}

/** A stretch of a line that is drawn in one way. */
export interface IPiece {
  readonly text: string;
  readonly style: string;
  /** It is what was searched for. */
  readonly mark: boolean;
}

/** A line in stretches: `parts` are outside and inside of what was searched, in turn. */
export function piecesOf(
  parts: readonly string[],
  spans: readonly ISpan[] | null
): IPiece[] {
  const pieces: IPiece[] = [];
  let [at, next] = [0, 0];
  const styled = spans ?? [];
  parts.forEach((part, i) => {
    const end = at + part.length;
    while (at < end) {
      while (next < styled.length && styled[next].to <= at) {
        next++;
      }
      const span = styled[next] as ISpan | undefined;
      const inside = span !== undefined && span.from <= at;
      const to = Math.min(end, inside ? span.to : (span?.from ?? end));
      const begun = end - part.length;
      pieces.push({
        text: part.slice(at - begun, to - begun),
        style: inside ? span.style : '',
        mark: i % 2 === 1
      });
      at = to;
    }
  });
  return pieces;
}
