/** Puts the Python of a card into a notebook. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';

import { spansDecades } from '../../../../components/charts';
import { LocalRows } from '../../../../components/table';
import type { IBoardProps } from './boardContext';
import { codeOf } from './code';
import type { ICard } from './model';
import { choicesOf } from './resolve';
import { groupsFor, seriesOf } from './series';
import type { IContexts } from './useContexts';

/** Rows that are named in code; of more the query is what says them. */
const MOST_NAMED = 50;

export async function openAsNotebook(
  commands: CommandRegistry,
  props: IBoardProps,
  contexts: IContexts,
  card: ICard,
  title: string,
  trans: TranslationBundle
): Promise<void> {
  const { experiment, where = '', runs, rows, columns, grouping } = props;
  const curves = card.kind === 'curves';
  const groups = curves
    ? groupsFor(card, rows, runs, grouping, trans)
    : undefined;
  const code = codeOf(card, {
    experiment,
    where,
    title,
    names: namesOf(props),
    runs: runs.map(run => [run, rows.labelOf(run)] as const),
    series: curves
      ? seriesOf(card.metrics, runs, contexts, run => rows.labelOf(run))
      : [],
    groupOf: groups === undefined ? null : groups.of,
    columns: choicesOf(columns).all,
    spans: key =>
      rows instanceof LocalRows &&
      spansDecades(rows.extract([key], true).columns.get(key) ?? [])
  });
  if (code !== '') {
    await commands.execute('mlstudio:insert-code', { code });
  }
}

/** The rows in sight when they are few and not simply what the query finds. */
function namesOf({ rows }: IBoardProps): string[] | null {
  const filtered = rows instanceof LocalRows && rows.count < rows.total;
  return filtered && rows.count <= MOST_NAMED
    ? Array.from({ length: rows.count }, (_, i) => rows.nameAt(i)).flatMap(
        name => name ?? []
      )
    : null;
}
