/** Charts of all rooms. `LineChart` asks for its own points; the others take rows. */
export { LineChart } from './lineChart';
export type { ILineChartProps } from './lineChart';
export type { ISeriesId, Range, XKind } from './curves';
