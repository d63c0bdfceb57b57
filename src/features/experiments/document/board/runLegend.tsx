/** Which colour is which run, for all curves of the board. */
import * as React from 'react';

import { palette, useChartTheme } from '../../../../components/charts';
import { useStudio, UserText } from '../../../../components/common';
import { Swatch } from '../../../../components/table';
import { useBoard } from './boardContext';

/** Runs that are named before all are asked for. */
const FIRST = 8;

export function RunLegend(): JSX.Element {
  const { runs, rows, selection } = useBoard();
  const { trans } = useStudio();
  const theme = useChartTheme();
  const [all, setAll] = React.useState(false);
  const shown = all ? runs : runs.slice(0, FIRST);
  const note =
    selection.size > runs.length
      ? trans.__('the first %1 of %2 selected', runs.length, selection.size)
      : selection.size === 0 && rows.count > runs.length
        ? trans.__('the first %1 rows; select rows to choose', runs.length)
        : '';
  return (
    <div className="jp-Mlstudio-runLegend">
      <ul className="jp-Mlstudio-legend" aria-label={trans.__('Legend')}>
        {shown.map(name => {
          const { slot, dash } = palette.styleOf(name);
          return (
            <li key={name}>
              <Swatch swatch={{ color: theme.series[slot - 1], dash }} />
              <UserText text={rows.labelOf(name)} max={40} />
            </li>
          );
        })}
        {runs.length > FIRST && (
          <li>
            <button
              type="button"
              className="jp-Mlstudio-link"
              aria-expanded={all}
              onClick={() => setAll(!all)}
            >
              {all
                ? trans.__('fewer')
                : trans.__('%1 more', runs.length - FIRST)}
            </button>
          </li>
        )}
        {note !== '' && <li className="jp-Mlstudio-legendNote">{note}</li>}
      </ul>
    </div>
  );
}
