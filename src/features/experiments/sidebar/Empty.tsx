/** Nothing recorded yet: the three lines that change it. */
import * as React from 'react';

import { useStudio } from '../../../components/common';

// Lines as short as a sidebar is narrow.
const CODE = `import mlstudio
with mlstudio.run("first") as r:
    r.log(loss=0.5, step=1)`;

/** The empty state of the tree. */
export function Empty(): React.ReactElement {
  const { trans, commands } = useStudio();
  const [copied, setCopied] = React.useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(CODE);
    setCopied(true);
  };
  return (
    <div className="jp-Mlstudio-empty">
      <p className="jp-Mlstudio-empty-title">
        {trans.__('No experiments yet')}
      </p>
      <p>
        {trans.__(
          'Run these three lines anywhere; the run appears here while it runs.'
        )}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        aria-label={trans.__('Example code')}
      >
        <code>{CODE}</code>
      </pre>
      <div className="jp-Mlstudio-row">
        <button
          type="button"
          className="jp-Mlstudio-button jp-mod-accept"
          onClick={() =>
            void commands.execute('mlstudio:insert-code', { code: CODE })
          }
        >
          {trans.__('Insert into notebook')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={() => void copy()}
        >
          {copied ? trans.__('Copied') : trans.__('Copy')}
        </button>
        <span className="jp-Mlstudio-hidden" aria-live="polite">
          {copied ? trans.__('The code is in the clipboard.') : ''}
        </span>
      </div>
    </div>
  );
}
