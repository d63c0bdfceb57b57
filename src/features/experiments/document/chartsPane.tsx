/** The charts of an experiment: curves, scatter, parallel coordinates. */
import * as React from 'react';

import type { Brushes } from '../../../components/charts';
import { Tabs, useStudio } from '../../../components/common';
import type { IColumn, IRowSource, Selection } from '../../../components/table';
import { CurvesTab } from './curvesTab';
import type { SetView } from './documentView';
import { ParallelTab, ScatterTab } from './rowCharts';
import type { RowsData } from './rowsData';
import type { ChartTab, IDocumentView } from './viewState';

export interface IChartsPaneProps {
  readonly data: RowsData;
  readonly rows: IRowSource;
  readonly columns: readonly IColumn[];
  /** Names whose curves are drawn. */
  readonly runs: readonly string[];
  readonly selection: Selection;
  readonly view: IDocumentView;
  readonly brushes: Brushes;
  readonly visible: boolean;
  onView: SetView;
  onPick(name: string): void;
}

export function ChartsPane(props: IChartsPaneProps): JSX.Element {
  const { trans } = useStudio();
  return (
    <Tabs
      label={trans.__('Charts')}
      selected={props.view.tab}
      onSelect={tab => props.onView(v => ({ ...v, tab: tab as ChartTab }))}
      tabs={[
        {
          id: 'curves',
          label: trans.__('Curves'),
          render: () => <CurvesTab {...props} />
        },
        {
          id: 'scatter',
          label: trans.__('Scatter'),
          render: () => <ScatterTab {...props} />
        },
        {
          id: 'parallel',
          label: trans.__('Parallel'),
          render: () => <ParallelTab {...props} />
        }
      ]}
    />
  );
}
