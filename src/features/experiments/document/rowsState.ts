/** What the rows of a document begin with, and what it shows of them. */
import type { StudioError } from '../../../api/errors';
import {
  arrange,
  DEFAULT_LAYOUT,
  type IColumn,
  type IRowFilter,
  type IRowSource,
  type ISortKey
} from '../../../components/table';
import type { ColumnInfo, ColumnTotals } from './columnList';
import type { RowState } from './rowsReader';

/** What the document shows of its rows. */
export interface IRowsState {
  readonly rows: IRowSource | null;
  readonly columns: readonly IColumn[];
  /** The server's list: of a group of very many those that most rows have. */
  readonly infos: readonly ColumnInfo[];
  /** How many columns of each group there are. */
  readonly totals: ColumnTotals;
  readonly loading: boolean;
  /** Why the last reading failed; the query's own errors apart. */
  readonly error: unknown;
  readonly queryError: StudioError | null;
}

/** What a document begins with. */
export interface IRowsStart {
  readonly where: string;
  readonly sort: readonly ISortKey[];
  readonly filter: IRowFilter;
  readonly state?: RowState;
  /** Keys that the first look needs, of the columns that exist. */
  first?(columns: readonly IColumn[]): readonly string[];
}

/** Before the first answer. */
export const NO_ROWS_YET: IRowsState = {
  rows: null,
  columns: [],
  infos: [],
  totals: {},
  loading: true,
  error: null,
  queryError: null
};

/** Columns that stand there before anybody chose. */
export const firstShown = (columns: readonly IColumn[]): readonly string[] =>
  arrange(columns, DEFAULT_LAYOUT).visible.map(c => c.key);

/** A flag of a live event, however it is spelled. */
export const isTrue = (value: unknown): boolean =>
  value === true || value === 1 || value === 'true';
