/** A scatter of rows: any column against any other, coloured and sized by others. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatNumber, rawCell } from '../table/values';
import type { ValueTable } from './figureFrame';
import type { IFigureColumn } from './figureParts';
import { PlotlyChart } from './plotlyChart';
import { scatterFigure, type IScatterRows } from './scatterFigure';
import { useChartTheme } from './theme';

export interface IScatterChartProps {
  readonly rows: IScatterRows;
  readonly visible: boolean;
  readonly height?: number;
  readonly trans: TranslationBundle;
  /** A point was clicked. */
  onPick(name: string): void;
}

export function ScatterChart(props: IScatterChartProps): JSX.Element {
  const { rows, trans } = props;
  const theme = useChartTheme();
  const figure = React.useMemo(() => scatterFigure(rows, theme), [rows, theme]);
  const title = trans.__(
    '%1 against %2',
    rows.y.label.slice(0, 60),
    rows.x.label.slice(0, 60)
  );
  return (
    <PlotlyChart
      title={title}
      summary={trans._n('%2: %1 point', '%2: %1 points', figure.shown, title)}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('No row has both values.')}
      hint={
        figure.skipped > 0
          ? trans.__(
              '%1 points are drawn, %2 are left out evenly.',
              formatNumber(figure.shown),
              formatNumber(figure.skipped)
            )
          : ''
      }
      values={() => {
        const all = [rows.x, rows.y, rows.color, rows.size ?? null];
        return columnValues(
          rows.names,
          all.flatMap(column => column ?? []),
          trans
        );
      }}
      onPick={props.onPick}
    />
  );
}

/** Columns over rows as texts, for a table of values and its file. */
export function columnValues(
  names: readonly string[],
  columns: readonly IFigureColumn[],
  trans: TranslationBundle
): ValueTable {
  return [
    [trans.__('Name'), ...columns.map(c => c.label)],
    ...names.map((name, i) => [
      name,
      ...columns.map(c => rawCell(c.cells[i] ?? null, 'number'))
    ])
  ];
}
