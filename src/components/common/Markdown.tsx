/**
 * What a user wrote in Markdown, by Lab's own renderer and a sanitiser stricter than Lab's.
 *
 * Reads the renderers of the services (none: the text as it was written). Nothing but the tags of
 * ordinary prose comes through: no class, id, style, image, form or command attribute, and links
 * to http, https and mailto only. Long notes are cut before they are rendered.
 */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { useStudio } from './context';

/** Characters that are rendered; of the rest only the text is shown, on demand. */
export const MAX_MARKDOWN = 64 * 1024;

/** The tags and attributes of prose; everything else is dropped, its text kept. */
export const PROSE = {
  allowedTags: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'blockquote'],
    ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'pre', 'code', 'kbd', 'samp'],
    ...['em', 'strong', 'b', 'i', 'u', 's', 'del', 'ins', 'sub', 'sup', 'a'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'span', 'mark']
  ],
  allowedAttributes: { a: ['href', 'title', 'rel', 'target'], ol: ['start'] },
  allowedClasses: {},
  allowedStyles: {},
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: {},
  allowedSchemesAppliedToAttributes: ['href'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard'
} as const;

/** What the pictures of an untrusted text could tell others: nothing is fetched for it. */
async function strictSanitizer(): Promise<IRenderMime.ISanitizer> {
  const { Sanitizer } = await import('@jupyterlab/apputils');
  const lab = new Sanitizer();
  const options = {
    ...PROSE,
    transformTags: {
      a: (tagName: string, attribs: Record<string, string>) => ({
        tagName,
        attribs: {
          ...attribs,
          rel: 'noopener noreferrer nofollow',
          target: '_blank'
        }
      })
    }
  } as unknown as IRenderMime.ISanitizerOptions;
  return { sanitize: dirty => lab.sanitize(dirty, options) };
}

interface IMarkdownProps {
  readonly source: string;
}

/** Rendered prose. */
export function Markdown(props: IMarkdownProps): React.ReactElement {
  const { trans, rendermime } = useStudio();
  const { source } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const [whole, setWhole] = React.useState(false);
  const [failed, setFailed] = React.useState(false);
  const cut = source.length > MAX_MARKDOWN;
  const plain = whole || failed || !rendermime;

  // A layout effect: its end comes while the node is still in the page, as Lumino demands.
  React.useLayoutEffect(() => {
    const node = host.current;
    if (plain || node === null) {
      return;
    }
    let renderer: Widget | null = null;
    let gone = false;
    const draw = async (): Promise<void> => {
      const sanitizer = await strictSanitizer();
      if (gone || !node.isConnected) {
        return;
      }
      const type = 'text/markdown';
      const made = rendermime.clone({ sanitizer }).createRenderer(type);
      renderer = made;
      Widget.attach(made, node);
      await made.renderModel({
        trusted: false,
        data: { [type]: source.slice(0, MAX_MARKDOWN) },
        metadata: {},
        setData: () => undefined
      });
    };
    draw().catch(() => {
      if (!gone) {
        setFailed(true);
      }
    });
    return () => {
      gone = true;
      renderer?.dispose();
    };
  }, [rendermime, source, plain]);

  return (
    <div className="jp-Mlstudio-markdown">
      {plain ? (
        <p className="jp-Mlstudio-pre">
          <bdi>{source}</bdi>
        </p>
      ) : (
        <div ref={host} />
      )}
      {cut && !plain && (
        <p className="jp-Mlstudio-note">
          {trans.__('This is the beginning of a long text.')}{' '}
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() => setWhole(true)}
          >
            {trans.__('Show all of it as plain text')}
          </button>
        </p>
      )}
    </div>
  );
}
