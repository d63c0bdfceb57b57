/** The table of all rooms: its component, its two row sources, and the words for columns. */
export {
  formatSort,
  groupOf,
  labelOf,
  metricOf,
  metricScore,
  parseSort,
  type IColumn,
  type ISortKey
} from './columns';
export { Swatch, type ISwatch } from './cell';
export { DEFAULT_LAYOUT, arrange, type ITableLayout } from './layout';
export {
  CLOSED,
  GroupedRows,
  MOST_LEVELS,
  toggleGroup,
  type IOpenGroups
} from './grouping';
export { findColumns } from './columnMenu';
export { LocalRows, type IRowBlock } from './localRows';
export { PagedRows } from './pagedRows';
export { Popover } from './popover';
export type { Cells, IRowFilter, IRowSource } from './rowSource';
export { Selection } from './selection';
export { DataTable, type CellAct } from './table';
