/**
 * Completing a query: positions as the server counts them, what an accepted option makes of the
 * text, and the queries that were sent before.
 */
import type { Schemas } from '../../../api/types';
import type { IStudioApi } from '../../../tokens';

export type Option = Schemas['CompletionOption'];
export type Completion = Schemas['CompletionReply'];

const HISTORY = 'mlstudio:queries';
const REMEMBERED = 30;

/** UTF-16 units of an input → characters. */
export const toCharacters = (text: string, units: number): number =>
  [...text.slice(0, units)].length;

/** Characters → UTF-16 units of an input. */
export const toUnits = (text: string, characters: number): number =>
  [...text].slice(0, characters).join('').length;

/** The text after an option was taken, and where the caret stands then. */
export function accept(
  text: string,
  reply: Completion,
  option: Option
): { text: string; caret: number } {
  const all = [...text];
  const before = all.slice(0, reply.start).join('');
  const after = all.slice(reply.end).join('');
  // The next word follows: what is typed there is completed at once.
  const gap = after.startsWith(' ') || /[\s(["']$/.test(option.text) ? '' : ' ';
  const head = before + option.text + gap;
  return { text: head + after, caret: head.length };
}

/** Ask the server; queries of no experiment know the fields of all. */
export async function complete(
  api: IStudioApi,
  experiment: string,
  text: string,
  caret: number,
  signal: AbortSignal
): Promise<Completion | null> {
  const body = { text, caret: toCharacters(text, caret), experiment };
  const { data } = await api.client.POST('/search/complete', { body, signal });
  return data ?? null;
}

/** Queries sent before, the last one first; storage of browsers may be closed or hold anything. */
export function pastQueries(storage: () => Pick<Storage, 'getItem'>): string[] {
  try {
    const kept: unknown = JSON.parse(storage().getItem(HISTORY) ?? '[]');
    return Array.isArray(kept)
      ? kept
          .filter((q): q is string => typeof q === 'string')
          .slice(0, REMEMBERED)
      : [];
  } catch {
    return [];
  }
}

/** Remember a query that was sent. */
export function rememberQuery(
  storage: () => Pick<Storage, 'getItem' | 'setItem'>,
  query: string
): void {
  const text = query.trim();
  if (text === '' || text.length > 2000) {
    return;
  }
  const others = pastQueries(storage).filter(one => one !== text);
  try {
    const all = [text, ...others].slice(0, REMEMBERED);
    storage().setItem(HISTORY, JSON.stringify(all));
  } catch {
    // A full or closed storage forgets; the query works all the same.
  }
}
