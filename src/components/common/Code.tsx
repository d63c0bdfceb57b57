/** Code in the colours of Lab's editor. Everything is text nodes; without languages it has no colours. */
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import * as React from 'react';

import { useStudio } from './context';

/** Characters that are coloured; parsing more would be felt. */
const MAX_COLOURED = 256 * 1024;
const STYLE_ID = 'jp-mlstudio-code-colours';

interface ICodeProps {
  readonly text: string;
  /** A language's name (`python`), or the name of a file. */
  readonly language?: string | null;
  readonly label: string;
}

/** Lab puts the colours' rules into the page with its first editor; there may be none yet. */
async function mountColours(): Promise<void> {
  if (document.getElementById(STYLE_ID) !== null) {
    return;
  }
  const { jupyterHighlightStyle } = await import('@jupyterlab/codemirror');
  const rules = jupyterHighlightStyle.module?.getRules();
  if (rules && document.getElementById(STYLE_ID) === null) {
    const style = document.createElement('style');
    style.id = STYLE_ID;
    style.textContent = rules;
    document.head.append(style);
  }
}

async function coloured(
  languages: IEditorLanguageRegistry,
  text: string,
  language: string
): Promise<DocumentFragment | null> {
  const spec =
    languages.findByName(language) ??
    languages.findByMIME(language) ??
    languages.findByFileName(language);
  if (!spec) {
    return null;
  }
  await mountColours();
  const into = document.createElement('code');
  await languages.highlight(text, spec, into);
  const parts = document.createDocumentFragment();
  parts.append(...Array.from(into.childNodes));
  return parts;
}

/** A block of code that scrolls in its own box. */
export function Code(props: ICodeProps): React.ReactElement {
  const { languages } = useStudio();
  const { text, language, label } = props;
  const node = React.useRef<HTMLElement>(null);
  React.useLayoutEffect(() => {
    if (node.current) {
      node.current.textContent = text;
    }
    if (!languages || !language || text.length > MAX_COLOURED) {
      return;
    }
    let gone = false;
    coloured(languages, text, language).then(
      parts => {
        if (!gone && parts !== null) {
          node.current?.replaceChildren(parts);
        }
      },
      // Colours are a pleasure, not a need.
      () => undefined
    );
    return () => {
      gone = true;
    };
  }, [languages, text, language]);
  return (
    <pre
      className="jp-Mlstudio-code"
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <code ref={node} />
    </pre>
  );
}
