/** Logs: their text, their tail, their view. */
export { LogView } from './LogView';
export type { ILogChunk, ILogPush, ReadLog } from './tail';
