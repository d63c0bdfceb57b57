/** Charts of all rooms. `LineChart` asks for its own points; the others take rows. */
export {
  barFigure,
  boxFigure,
  groupsOf,
  type BarError,
  type IBarRows
} from './barFigure';
export { contourFigure, type IContourRows } from './contourFigure';
export type { ISeriesId, Range, XKind } from './curves';
export { saveCsv } from './download';
export { spansDecades, type IFigure, type IFigureColumn } from './figureParts';
export type { BandKind } from './groupLines';
export { LineChart, type ILineChartProps } from './lineChart';
export { contextText, type ILineGroups } from './lineStyles';
export {
  confusionFigure,
  correlationFigure,
  importanceFigure,
  type IImportanceBar,
  type IMatrix
} from './matrixFigure';
export { overlayFigure } from './overlayFigure';
export { palette } from './palette';
export { buildAxis, maskOf, type Brushes, type Interval } from './parallel';
export { ParallelChart, type IParallelColumn } from './parallelChart';
export { PlotlyChart } from './plotlyChart';
export { columnValues, ScatterChart } from './scatterChart';
export type { IScatterRows } from './scatterFigure';
export type { IFigureColumn as IScatterColumn } from './figureParts';
export {
  FigureNote,
  FigureShell,
  useTold,
  type IFigureParts,
  type IFigureTool
} from './shell';
export { numbersOf, spearman } from './stats';
export { useChartTheme, type IChartTheme } from './theme';
