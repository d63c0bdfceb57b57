/**
 * What a user wrote in Markdown, by Lab's own renderer and a sanitiser stricter than Lab's.
 *
 * Reads the renderers of the services (none: the text as it was written). Nothing but the tags of
 * ordinary prose comes through: no class, id, style, image, form or command attribute, and links
 * to http, https and mailto only. Long notes are cut before they are rendered.
 */
import type { IRenderMime } from '@jupyterlab/rendermime';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { useStudio } from './context';

/** Characters that are rendered unasked: a page must not stand still for a note. */
const MAX_RENDERED = 24 * 1024;
/** Characters that are rendered when somebody asks; of more only the text is shown. */
const MAX_ASKED = 256 * 1024;

/** The tags and attributes of prose; everything else is dropped, its text kept. */
const PROSE = {
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

/** Take a renderer out; React may have taken its node out of the page before. */
function release(renderer: Widget): void {
  if (renderer.isAttached && !renderer.node.isConnected) {
    MessageLoop.sendMessage(renderer, Widget.Msg.BeforeDetach);
    MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach);
  }
  renderer.dispose();
}

/** Characters of a part that the browser lays out at once. */
const PART = 8 * 1024;

/** A text as it was written, in parts that are laid out only when they come into sight. */
function Plain(props: { readonly text: string }): React.ReactElement {
  const parts = [];
  for (let at = 0; at < props.text.length;) {
    const line = props.text.indexOf('\n', at + PART);
    const end = line < 0 || line > at + 2 * PART ? at + PART : line + 1;
    parts.push(props.text.slice(at, end));
    at = end;
  }
  return (
    <div className="jp-Mlstudio-pre">
      {parts.map((part, i) => (
        <div key={i} className={parts.length > 1 ? 'jp-mod-part' : undefined}>
          <bdi>{part}</bdi>
        </div>
      ))}
    </div>
  );
}

interface IMarkdownProps {
  readonly source: string;
}

/** Rendered prose. */
export function Markdown(props: IMarkdownProps): React.ReactElement {
  const { trans, rendermime } = useStudio();
  const { source } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const [asked, setAsked] = React.useState<'some' | 'all' | 'plain'>('some');
  const [failed, setFailed] = React.useState(false);
  const plain = asked === 'plain' || failed || !rendermime;
  const limit = asked === 'all' ? MAX_ASKED : MAX_RENDERED;
  const cut = source.length > limit;

  React.useEffect(() => {
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
        data: { [type]: source.slice(0, limit) },
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
      if (renderer !== null) {
        release(renderer);
      }
    };
  }, [rendermime, source, plain, limit]);

  return (
    <div className="jp-Mlstudio-markdown">
      {plain ? <Plain text={source} /> : <div ref={host} />}
      {cut && !plain && (
        <p className="jp-Mlstudio-note">
          {trans.__('This is the beginning of a long text.')}{' '}
          {source.length <= MAX_ASKED && (
            <button
              type="button"
              className="jp-Mlstudio-link"
              onClick={() => setAsked('all')}
            >
              {trans.__('Show all of it')}
            </button>
          )}{' '}
          <button
            type="button"
            className="jp-Mlstudio-link"
            onClick={() => setAsked('plain')}
          >
            {trans.__('Show all of it as plain text')}
          </button>
        </p>
      )}
    </div>
  );
}
