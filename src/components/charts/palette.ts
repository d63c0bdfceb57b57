/**
 * Colours of series: a run keeps its colour in every chart of this page.
 *
 * The hash of the name says which of 12 colours it would like; when another run has it already
 * the next free one is taken. The colours are six hues in two shades: the first shade is drawn
 * solid and the second dashed, and each further round of 12 has its own dashes, so that colour is
 * never the only cue.
 */

export const COLORS = 12;

/** Slots of the palette by hue: slot 1 and 7 are blues, 3 and 9 greens, … */
const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 4],
  [2, 3],
  [10, 3, 2, 3],
  [14, 4],
  [4, 2]
];

/** Which CSS variable, and which dashes in pixels. */
export interface ISeriesStyle {
  /** 1 to 12, of `--jp-mlstudio-series-N`. */
  readonly slot: number;
  readonly dash: readonly number[];
}

/** FNV-1a over UTF-16 code units: the same number on every machine. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** Gives names their styles and remembers them. */
export class SeriesPalette {
  private readonly styles = new Map<string, ISeriesStyle>();
  private readonly used = new Array<number>(COLORS).fill(0);

  styleOf(name: string): ISeriesStyle {
    let style = this.styles.get(name);
    if (style === undefined) {
      style = this.choose(name);
      this.styles.set(name, style);
    }
    return style;
  }

  private choose(name: string): ISeriesStyle {
    const wish = hashName(name) % COLORS;
    const least = Math.min(...this.used);
    let at = wish;
    while (this.used[at] > least) {
      at = (at + 1) % COLORS;
    }
    const round = this.used[at]++;
    const dash =
      DASHES[(2 * round + (at >= COLORS / 2 ? 1 : 0)) % DASHES.length];
    return { slot: at + 1, dash };
  }
}

/** The palette of this page. */
export const palette = new SeriesPalette();

const VIRIDIS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37]
];

/**
 * A colour for a share `t` of 0 to 1, dark to light; the end that the background would swallow is
 * left out (yellow on white, violet on black).
 */
export function scaleColor(t: number, dark: boolean): string {
  const [from, to] = dark ? [0.25, 1] : [0, 0.82];
  const at =
    (from + Math.max(0, Math.min(1, t)) * (to - from)) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const part = at - low;
  const mixed = VIRIDIS[low].map((c, i) =>
    Math.round(c + (VIRIDIS[low + 1][i] - c) * part)
  );
  return `rgb(${mixed.join(', ')})`;
}
