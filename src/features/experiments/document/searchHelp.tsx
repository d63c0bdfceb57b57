/** The grammar of queries, by example; an example that is clicked stands in the box. */
import * as React from 'react';

import { useStudio } from '../../../components/common';
import { Popover } from '../../../components/table';

/** In the query's own language, the same in every tongue; what it means is translated. */
const EXAMPLES: readonly string[] = [
  'metrics.loss < 0.3',
  'metrics.acc.max > 0.9 and params.opt = "adam"',
  'params.opt in ["adam", "sgd"] or tags.best',
  '0.001 <= params.lr <= 0.1',
  'not tags.draft and name like "cnn-*"',
  'note contains "overfit"',
  'status = "Failed" and started > -2d',
  'params.`my name` = 3',
  'metrics.loss < 1 order by metrics.acc.max desc'
];

export function SearchHelp(props: {
  onExample(text: string): void;
}): JSX.Element {
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  const meanings = [
    trans.__('the last value of a metric'),
    trans.__('its largest value, and a parameter'),
    trans.__('one of several values; a tag that is there'),
    trans.__('between two values'),
    trans.__('the contrary; * and ? stand for anything'),
    trans.__('text within a note'),
    trans.__('times: -2d, -3h, today, "2026-01-31"'),
    trans.__('any name, in backquotes'),
    trans.__('in the order of another value')
  ];
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-iconButton jp-Mlstudio-queryHelp"
        aria-haspopup="dialog"
        aria-label={trans.__('How to write a query')}
        title={trans.__('How to write a query')}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        <span aria-hidden="true">?</span>
      </button>
      {anchor !== null && (
        <Popover
          anchor={anchor}
          role="dialog"
          label={trans.__('How to write a query')}
          onClose={close}
        >
          <ul className="jp-Mlstudio-examples">
            {EXAMPLES.map((example, i) => (
              <li key={example}>
                <button
                  type="button"
                  className="jp-Mlstudio-menuItem"
                  onClick={() => {
                    close();
                    props.onExample(example);
                  }}
                >
                  <code>{example}</code>
                  <span className="jp-Mlstudio-hint">{meanings[i]}</span>
                </button>
              </li>
            ))}
          </ul>
          <p className="jp-Mlstudio-hint">
            {trans.__(
              'Statistics of a metric: last (when none is named), min, max, avg, stddev, count.'
            )}
          </p>
          <p className="jp-Mlstudio-hint">
            {trans.__(
              'Outside of texts the key ? shows all keys of this page.'
            )}
          </p>
        </Popover>
      )}
    </>
  );
}
