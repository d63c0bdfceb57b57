/** What a document asks of the server: the list of columns, and pages of rows. */
import { decodePage, type IDecodedPage } from '../../../api/decode';
import { asStudioError } from '../../../api/errors';
import type { TableRequest } from '../../../api/types';
import type { IStudioApi } from '../../../tokens';
import type { IColumn } from '../../../components/table';
import { foundColumns, type IColumnList } from './columnList';

/** Columns of a group that a search shows. */
const FOUND = 200;
/** Characters that a search may have. */
const LONGEST = 500;
/** Rows that a browser holds at most. */
export const IN_BROWSER = 20_000;

/** Which rows of the experiment are looked at. */
export type RowState = 'active' | 'archived' | 'deleted';

export interface IPageAsk {
  readonly where: string;
  readonly order: readonly string[];
  readonly columns: readonly string[];
  readonly offset: number;
  readonly limit: number;
  readonly state: RowState;
}

/** The server takes so many keys of an order. */
export const MOST_KEYS = 8;

/** An ask as the server wants it. */
export function tableRequest(experiment: string, ask: IPageAsk): TableRequest {
  return {
    scope: { experiment },
    where: ask.where.trim() === '' ? null : ask.where,
    order: ask.order.slice(0, MOST_KEYS),
    columns: [...new Set(ask.columns)],
    offset: ask.offset,
    limit: ask.limit,
    deleted: ask.state === 'deleted',
    archived: ask.state === 'archived'
  };
}

export class RowsReader {
  constructor(
    private readonly api: IStudioApi,
    readonly experiment: string
  ) {}

  /** The columns that most rows have; those whose key holds a text, when one is given. */
  async columns(signal: AbortSignal, contains?: string): Promise<IColumnList> {
    const { data } = await this.api.client.GET('/experiments/{name}/columns', {
      params: {
        path: { name: this.experiment },
        query: contains === undefined ? {} : { contains, limit: FOUND }
      },
      signal
    });
    return data ?? { items: [] };
  }

  /** Columns whose key holds the text, listed or not. */
  async find(text: string, signal: AbortSignal): Promise<IColumn[]> {
    const contains = text.trim().slice(0, LONGEST);
    return contains === ''
      ? []
      : foundColumns((await this.columns(signal, contains)).items);
  }

  async page(ask: IPageAsk, signal: AbortSignal): Promise<IDecodedPage> {
    const body = tableRequest(this.experiment, ask);
    const { data } = await this.api.client.POST('/tables', { body, signal });
    if (data === undefined) {
      throw asStudioError(new Error('empty answer'));
    }
    return decodePage(data);
  }
}
