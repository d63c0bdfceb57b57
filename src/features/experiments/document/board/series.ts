/** The series of a card of curves, and the groups that they make. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import {
  contextText,
  type ILineGroups,
  type ISeriesId
} from '../../../../components/charts';
import { labelOf, type IRowSource } from '../../../../components/table';
import type { ICurvesCard } from './model';
import { groupKeys } from './resolve';
import type { IContexts } from './useContexts';

/** Dashes of the second, third, … metric or context of a run. */
const VARIANTS: readonly (readonly number[])[] = [
  [],
  [6, 4],
  [2, 3],
  [10, 3, 2, 3],
  [14, 4],
  [4, 2]
];

const variantOf = (id: ISeriesId): string =>
  `${id.name}\u0000${contextText(id.context)}`;

/** What tells the lines of one run apart, with their dashes. */
export function variantsOf(
  series: readonly ISeriesId[]
): { label: string; dash: readonly number[] }[] {
  const found = new Map<string, { label: string; dash: readonly number[] }>();
  for (const id of series) {
    const key = variantOf(id);
    if (!found.has(key)) {
      const context = contextText(id.context);
      found.set(key, {
        label: context === '' ? id.name : `${id.name} (${context})`,
        dash: id.dash ?? []
      });
    }
  }
  return [...found.values()];
}

/** Every run's series of these metrics; a context is a line of its own. */
export function seriesOf(
  metrics: readonly string[],
  runs: readonly string[],
  contexts: Pick<IContexts, 'of'>,
  nameOf: (run: string) => string
): ISeriesId[] {
  const ids = metrics.flatMap(name =>
    runs.flatMap(component =>
      (contexts.of(component, name) ?? [{}]).map((context): ISeriesId => ({
        component,
        name,
        context
      }))
    )
  );
  const variants = [...new Set(ids.map(variantOf))];
  const alone = runs.length === 1;
  return ids.map(id => {
    const at = variants.indexOf(variantOf(id));
    const more = [
      ...(metrics.length > 1 ? [id.name] : []),
      ...(contextText(id.context) === '' ? [] : [contextText(id.context)])
    ].join(', ');
    const run = nameOf(id.component);
    return {
      ...id,
      label: more === '' ? run : alone ? more : `${run} · ${more}`,
      // One run's lines differ by colour; of several runs a colour is a run.
      style: alone && variants.length > 1 ? `variant:${more}` : id.component,
      ...(variants.length === 1 || alone
        ? {}
        : { dash: VARIANTS[at % VARIANTS.length] })
    };
  });
}

/** Which group each series is in, by the values of the card's columns; undefined draws them alone. */
export function groupsFor(
  card: ICurvesCard,
  rows: IRowSource,
  runs: readonly string[],
  grouping: readonly string[],
  trans: TranslationBundle
): ILineGroups | undefined {
  const keys = groupKeys(card, grouping);
  if (keys.length === 0) {
    return undefined;
  }
  const byRun = new Map(
    runs.map(run => {
      const row = rows.indexOf(run);
      const texts = keys.map(key => {
        const cell = row < 0 ? null : rows.cell(row, key);
        return `${labelOf(key, trans)} = ${cell === null || cell === undefined ? 'n/a' : String(cell)}`;
      });
      return [run, texts.join(', ')];
    })
  );
  const several = card.metrics.length > 1;
  const of = (id: ISeriesId): string | undefined => {
    const group = byRun.get(id.component);
    const context = contextText(id.context);
    return group === undefined
      ? undefined
      : [
          ...(several ? [id.name] : []),
          ...(context === '' ? [] : [context]),
          group
        ].join(' · ');
  };
  return { of, band: card.band };
}
