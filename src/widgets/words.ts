/** Words of a widget: English, as no translator of Lab's reaches a cell's page. */
import type { TranslationBundle } from '@jupyterlab/translation';

function fill(text: string, given: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (whole, at: string) =>
    Number(at) <= given.length ? String(given[Number(at) - 1]) : whole
  );
}

export const words: TranslationBundle = {
  __: (text: string, ...given: unknown[]) => fill(text, given),
  gettext: (text: string, ...given: unknown[]) => fill(text, given),
  _n: (one: string, many: string, n: number, ...given: unknown[]) =>
    fill(n === 1 ? one : many, [n, ...given]),
  ngettext: (one: string, many: string, n: number, ...given: unknown[]) =>
    fill(n === 1 ? one : many, [n, ...given]),
  _p: (_context: string, text: string, ...given: unknown[]) =>
    fill(text, given),
  pgettext: (_context: string, text: string, ...given: unknown[]) =>
    fill(text, given),
  _np: (
    _context: string,
    one: string,
    many: string,
    n: number,
    ...given: unknown[]
  ) => fill(n === 1 ? one : many, [n, ...given]),
  npgettext: (
    _context: string,
    one: string,
    many: string,
    n: number,
    ...given: unknown[]
  ) => fill(n === 1 ? one : many, [n, ...given]),
  dcnpgettext: (
    _domain: string,
    _context: string,
    one: string,
    many: string,
    n: number,
    ...given: unknown[]
  ) => fill(n === 1 ? one : many, [n, ...given])
};
