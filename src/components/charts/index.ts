/** Charts of all rooms. `LineChart` asks for its own points; the others take rows. */
export { LineChart } from './lineChart';
export type { ILineChartProps } from './lineChart';
export type { ISeriesId, Range, XKind } from './curves';
export { saveCsv } from './download';
export { palette } from './palette';
export { buildAxis, maskOf, type Brushes, type Interval } from './parallel';
export { ParallelChart, type IParallelColumn } from './parallelChart';
export { ScatterChart } from './scatterChart';
export type { IScatterColumn } from './scatterFigure';
export { useChartTheme } from './theme';
