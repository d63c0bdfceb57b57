/** Which stored plots of compared trials belong together. Pure. */
import type { IStored, PlotKind } from '../../../components/plots/stored';

/** A plot that a trial stored under this name. */
export interface INamedPlot {
  readonly name: string;
  readonly what: PlotKind;
  readonly plot: IStored;
}

/** Plots of one kind and name; of each trial at most one. */
export interface IPlotGroup {
  readonly key: string;
  readonly what: PlotKind;
  readonly title: string;
  /** `at`: which of the compared trials. */
  readonly found: readonly { readonly at: number; readonly plot: IStored }[];
}

/** Without a title a plot is called by its kind and the second: `ROCCurve-1700000000`. */
const withoutSecond = (name: string): string => name.replace(/-\d{9,}$/, '');

const ORDER: readonly PlotKind[] = ['roc', 'pr', 'confusion', 'table'];

/** Curves first, then matrices and tables, by name; a second one of a trial under one name is a group of its own. */
export function groupPlots(
  trials: readonly (readonly INamedPlot[])[]
): IPlotGroup[] {
  const groups = new Map<
    string,
    { what: PlotKind; title: string; found: { at: number; plot: IStored }[] }
  >();
  trials.forEach((plots, at) => {
    const seen = new Map<string, number>();
    for (const { name, what, plot } of plots) {
      const title = withoutSecond(plot.title || name);
      const base = `${what}/${title}`;
      const nth = seen.get(base) ?? 0;
      seen.set(base, nth + 1);
      const key = nth === 0 ? base : `${base}/${nth + 1}`;
      const group = groups.get(key) ?? {
        what,
        title: nth === 0 ? title : `${title} (${nth + 1})`,
        found: []
      };
      group.found.push({ at, plot });
      groups.set(key, group);
    }
  });
  return [...groups]
    .map(([key, group]) => ({ key, ...group }))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.what) - ORDER.indexOf(b.what) ||
        a.title.localeCompare(b.title)
    );
}
