/**
 * A link that opens a view: `…/lab?mlstudio=` and base64url of the view's state.
 *
 * What comes in such a link is untrusted text: anything that is not exactly a known feature, a
 * legal name and a JSON object is ignored.
 */
import { URLExt } from '@jupyterlab/coreutils';
import type { JSONObject } from '@lumino/coreutils';

/** Fifty names of 120 characters, in base64. */
const MAX = 12288;
const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}$/;
const FEATURES: readonly string[] = ['experiment', 'component', 'compare'];

/** What a link carries. */
export interface IViewLink {
  readonly v: 1;
  readonly feature: 'experiment' | 'component' | 'compare';
  /** Of the record; of a comparison a name that this page made (`view.names` says of what). */
  readonly name: string;
  readonly view: JSONObject;
}

/** The text after `?mlstudio=`. */
export function encodeLink(link: IViewLink): string {
  const bytes = new TextEncoder().encode(JSON.stringify(link));
  const binary = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  return btoa(binary)
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** Read such a text; null for anything else, never an exception. */
export function decodeLink(text: string | null): IViewLink | null {
  if (text === null || text === '' || text.length > MAX) {
    return null;
  }
  try {
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(binary, char => char.charCodeAt(0));
    const link = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    ) as Partial<IViewLink> | null;
    if (
      link?.v !== 1 ||
      !FEATURES.includes(String(link.feature)) ||
      !NAME.test(String(link.name)) ||
      String(link.name).length > 120
    ) {
      return null;
    }
    const view = link.view;
    return typeof view === 'object' && view !== null && !Array.isArray(view)
      ? (link as IViewLink)
      : { ...(link as IViewLink), view: {} };
  } catch {
    return null;
  }
}

/** The whole address. */
export function linkUrl(appUrl: string, link: IViewLink): string {
  const base = URLExt.join(appUrl, '');
  return `${base}?mlstudio=${encodeLink(link)}`;
}

/** At most this many components stand side by side. */
export const MAX_COMPARED = 50;

/** Names from outside: legal, each once, at most fifty. */
export function legalNames(value: unknown): string[] {
  const names = Array.isArray(value) ? value.map(String) : [];
  return [...new Set(names)]
    .filter(name => name.length <= 120 && NAME.test(name))
    .slice(0, MAX_COMPARED);
}

/** A name for the page that compares these: the same for the same components in the same order. */
export function compareName(names: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const char of names.join('/')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return `compare-${(hash >>> 0).toString(16)}`;
}
