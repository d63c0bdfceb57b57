/** The rows of a comparison that hold a text, wherever they are: in its answer, or on the server still. */
import { useStudio } from '../../../components/common';
import { useRested } from '../component/PartsBar';
import { useMoreRows, type IMoreRows } from './data';
import {
  isCut,
  shortKey,
  totalsOf,
  type CompareReply,
  type CompareRow
} from './model';
import { rowLabel } from './words';

interface IWanted {
  readonly reply: CompareReply;
  readonly groups: readonly CompareRow['group'][];
  readonly differences: boolean;
}

interface IFound {
  /** Those that hold the text, as far as they were read. */
  readonly rows: readonly CompareRow[];
  /** How many hold it, read or not, and how many of them differ. */
  readonly total: { readonly rows: number; readonly differ: number };
  /** The way to the others; null where all are here. */
  readonly more: IMoreRows | null;
}

/** Rows that hold the text: of the answer itself, or asked of the server where the answer is cut. */
export function useFoundRows(props: IWanted, filter: string): IFound {
  const { trans } = useStudio();
  const { reply, groups, differences } = props;
  const cut = isCut(reply, groups);
  const asked = useRested(filter);
  const pages = useMoreRows(reply.components, groups, asked, differences, cut);
  if (cut) {
    return {
      rows: pages.rows.filter(row => groups.includes(row.group)),
      total: totalsOf(pages.totals, groups),
      more: pages
    };
  }
  const wanted = filter.trim().toLowerCase();
  const rows = reply.rows.filter(
    row =>
      groups.includes(row.group) &&
      [shortKey(row), rowLabel(row, trans)].some(text =>
        text.toLowerCase().includes(wanted)
      )
  );
  const differ = rows.filter(row => row.differs).length;
  return { rows, total: { rows: rows.length, differ }, more: null };
}
