/**
 * A link that opens a view: `…/lab?mlstudio=` and base64url of the view's state.
 *
 * What comes in such a link is untrusted text: anything that is not exactly a known feature, a
 * legal name and a JSON object is ignored.
 */
import { URLExt } from '@jupyterlab/coreutils';
import type { JSONObject } from '@lumino/coreutils';

const MAX = 8192;
const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}$/;

/** What a link carries. */
export interface IViewLink {
  readonly v: 1;
  readonly feature: 'experiment' | 'component';
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
    const known =
      link?.feature === 'experiment' || link?.feature === 'component';
    if (
      link?.v !== 1 ||
      !known ||
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
