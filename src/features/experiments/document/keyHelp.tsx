/** The keys of an experiment's page: "?" shows them. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

/** A place, and what keys do there. */
type Part = readonly [
  title: string,
  lines: readonly (readonly [keys: string, does: string])[]
];

function partsOf(trans: TranslationBundle): readonly Part[] {
  return [
    [
      trans.__('Table'),
      [
        ['↑ ↓ ← →', trans.__('go from cell to cell')],
        ['Ctrl + ↑ ↓ ← →', trans.__('to the first or the last')],
        ['PgUp · PgDn', trans.__('a page of rows')],
        ['Enter', trans.__('open the trial, or the group')],
        ['F2', trans.__('edit the cell')],
        ['Space', trans.__('select the row; with Shift all up to it')],
        ['Esc', trans.__('select nothing')]
      ]
    ],
    [
      trans.__('Head of a column'),
      [
        ['Enter', trans.__('sort; with Shift as a further order')],
        ['Alt + ← →', trans.__('move the column')],
        ['Shift + ← →', trans.__('make it narrower or wider')],
        ['Alt + ↓', trans.__('its menu')]
      ]
    ],
    [
      trans.__('Charts'),
      [
        ['↑ ↓ ← →', trans.__('on a handle: move or resize the chart')],
        ['↑ ↓', trans.__('on a bound of parallel coordinates: move it')],
        ['Del', trans.__('on a bound: show all again')],
        ['Alt + ← →', trans.__('on a bound: move its axis')]
      ]
    ]
  ];
}

function Keys({ trans }: { trans: TranslationBundle }): JSX.Element {
  return (
    <div className="jp-Mlstudio-keyHelp">
      {partsOf(trans).map(([title, lines]) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          <dl>
            {lines.map(([keys, does]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Show the keys until they are put away. */
export async function showKeys(trans: TranslationBundle): Promise<void> {
  await showDialog({
    title: trans.__('Keys of this page'),
    body: ReactWidget.create(<Keys trans={trans} />),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

/** Whether the key asks for help, and is no letter of a text. */
export function asksForKeys(event: KeyboardEvent): boolean {
  const { target, key } = event;
  const typing =
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  return key === '?' && !typing && !event.ctrlKey && !event.metaKey;
}
