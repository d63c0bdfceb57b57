/**
 * Colours of series: a run keeps its colour in every chart of this page.
 *
 * The hash of the name says which of 12 colours it would like; when another run that is drawn
 * beside it has that already, the next free one is taken and kept. The colours are six hues in two
 * shades: the first shade is drawn solid and the second dashed, and each further round of 12 has
 * its own dashes, so that colour is never the only cue.
 */

export const COLORS = 12;

/**
 * Slots (from 0) that are near each other in one of the themes: closer than 0.1 in OKLab, the blues,
 * the greens, the reds … No three slots together are alike to all the others, so that four runs
 * never need two that are.
 */
const ALIKE: readonly (readonly number[])[] = [
  [6],
  [9, 11],
  [8],
  [5],
  [9],
  [3, 11],
  [0, 7, 10],
  [6],
  [2],
  [1, 4, 11],
  [6],
  [1, 5, 9]
];

/** Up to so many runs that are drawn together have colours that nobody takes for each other. */
export const FEW = 4;

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

const lookOf = (style: ISeriesStyle): string =>
  `${style.slot}:${style.dash.join()}`;

/** Gives names their styles and remembers them. */
export class SeriesPalette {
  private readonly styles = new Map<string, ISeriesStyle>();

  /** The style of a name; by its hash alone where it was never drawn beside others. */
  styleOf(name: string): ISeriesStyle {
    this.settle(this.styles.has(name) ? [] : [name]);
    return this.styles.get(name) as ISeriesStyle;
  }

  /**
   * Names that are drawn together: each keeps the style it has, and where two have the same one
   * (where they are few: colours that are alike) the later of them gets another.
   */
  settle(names: Iterable<string>): void {
    const drawn = [...new Set(names)];
    const few = drawn.length <= FEW;
    const used = new Array<number>(COLORS).fill(0);
    const taken = new Set<string>();
    const waiting: string[] = [];
    for (const name of drawn) {
      const style = this.styles.get(name);
      if (
        style === undefined ||
        taken.has(lookOf(style)) ||
        (few && crowd(style.slot - 1, used) > 0)
      ) {
        waiting.push(name);
      } else {
        taken.add(lookOf(style));
        used[style.slot - 1] += 1;
      }
    }
    for (const name of waiting) {
      const style = choose(name, used, taken);
      taken.add(lookOf(style));
      used[style.slot - 1] += 1;
      this.styles.set(name, style);
    }
  }
}

/** How many of the drawn have this colour or one that is alike. */
const crowd = (at: number, used: readonly number[]): number =>
  ALIKE[at].reduce((sum, other) => sum + used[other], used[at]);

/**
 * Of the least used colours the one with the fewest that are alike, the wished one and those after
 * it first; with the first dashes that are free.
 */
function choose(
  name: string,
  used: readonly number[],
  taken: ReadonlySet<string>
): ISeriesStyle {
  const least = Math.min(...used);
  const wish = hashName(name) % COLORS;
  const [at] = used
    .map((_, i) => (wish + i) % COLORS)
    .filter(slot => used[slot] === least)
    .sort((a, b) => crowd(a, used) - crowd(b, used));
  const first = at >= COLORS / 2 ? 1 : 0;
  const looks = DASHES.map((_, i) => ({
    slot: at + 1,
    dash: DASHES[(first + i) % DASHES.length]
  }));
  return looks.find(look => !taken.has(lookOf(look))) ?? looks[0];
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
