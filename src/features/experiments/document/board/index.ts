/** The charts board of an experiment. */
export { Board } from './board';
export type { IBoardProps } from './boardContext';
export { formatBoard, parseBoard } from './json';
export { DEFAULT_BOARD, type IBoardView } from './model';
