/**
 * What went wrong, in one sentence, whoever said it.
 *
 * Every failure of the API becomes one `StudioError`: the server's own error shape, Jupyter's,
 * a proxy's HTML page, no answer at all. `bannerOf` turns any thrown value into the one text a
 * panel shows. Knows nothing of panels.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** A failure with the server's code; codes are those of `mlstudio/entities/errors.py`, and ours below. */
export class StudioError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 0,
    readonly field: string | null = null,
    readonly hint: string | null = null
  ) {
    super(message);
    this.name = 'StudioError';
  }
}

/** What a banner shows. */
export interface IBanner {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  /** Whether trying again can help. */
  readonly retry: boolean;
}

interface IErrorBody {
  code?: unknown;
  message?: unknown;
  field?: unknown;
  hint?: unknown;
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

const BY_STATUS: Record<number, string> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'not_json',
  429: 'too_many',
  502: 'unreachable',
  503: 'store_unreachable',
  504: 'unreachable',
  507: 'disk_full'
};

/** Read a failed answer. `body` is its text; it need not be JSON. */
export function errorOf(status: number, body: string): StudioError {
  const fallback =
    BY_STATUS[status] ?? (status >= 500 ? 'internal' : 'invalid_field');
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return new StudioError('proxy', firstLine(body), status);
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return new StudioError(fallback, '', status);
  }
  const own = (parsed as { error?: unknown }).error;
  if (typeof own === 'object' && own !== null) {
    const error = own as IErrorBody;
    return new StudioError(
      text(error.code) ?? fallback,
      text(error.message) ?? '',
      status,
      text(error.field),
      text(error.hint)
    );
  }
  // Jupyter's own shape, when the request never reached our handler.
  const jupyter = (parsed as IErrorBody).message;
  return new StudioError(fallback, text(jupyter) ?? '', status);
}

/** The title of a proxy's page, as text, or its first words. */
function firstLine(body: string): string {
  const title = /<title>([^<]{1,120})<\/title>/i.exec(body);
  return (title?.[1] ?? body.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}

/** Any thrown value as a StudioError. */
export function asStudioError(error: unknown): StudioError {
  if (error instanceof StudioError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError') {
    return new StudioError('aborted', message);
  }
  if (name === 'ChunkLoadError' || /loading.*chunk/i.test(message)) {
    return new StudioError('reload', message);
  }
  if (error instanceof TypeError || name === 'NetworkError') {
    return new StudioError('network', message);
  }
  return new StudioError('internal', message);
}

const FINAL = new Set([
  'reload',
  'not_found',
  'forbidden',
  'not_installed',
  'version_mismatch',
  'store_too_new',
  'unsafe_sqlite',
  'bad_query',
  'invalid_name',
  'invalid_field'
]);

/** The one text that a panel shows for a failure. */
export function bannerOf(error: unknown, trans: TranslationBundle): IBanner {
  const cause = asStudioError(error);
  const own = (message: string): string => cause.message || message;
  const hint = cause.hint ?? '';
  const banner = (words: string, advice = hint): IBanner => ({
    code: cause.code,
    text: words,
    hint: advice,
    retry: !FINAL.has(cause.code)
  });
  switch (cause.code) {
    case 'network':
      return banner(
        trans.__('The Jupyter server does not answer.'),
        trans.__('Is it still running? What is shown may be old.')
      );
    case 'unreachable':
      return banner(
        trans.__(
          'The Jupyter server cannot be reached through the proxy (%1).',
          cause.status
        )
      );
    case 'proxy':
      return banner(
        trans.__(
          'The answer did not come from mlstudio (%1): %2',
          cause.status,
          cause.message
        ),
        trans.__('A proxy between the browser and the server may have sent it.')
      );
    case 'not_installed':
      return banner(
        trans.__('The server part of mlstudio is not running.'),
        trans.__(
          'Run `pip install mlstudio` in the environment of the Jupyter server and restart it.'
        )
      );
    case 'unauthenticated':
      return banner(
        trans.__('You are not logged in any more.'),
        trans.__('Reload the page and log in.')
      );
    case 'reload':
      return banner(
        trans.__('mlstudio was updated.'),
        trans.__('Reload the page.')
      );
    case 'forbidden':
      return banner(own(trans.__('You may not do this.')));
    case 'not_found':
      return banner(own(trans.__('It does not exist any more.')));
    case 'internal':
      return banner(own(trans.__('Something went wrong in the server.')));
    default:
      return banner(own(trans.__('The request failed (%1).', cause.code)));
  }
}
