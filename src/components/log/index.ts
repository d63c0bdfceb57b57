/** Logs: their text, their tail, their view. */
export { JobLog, RunLog, outputAddress, pushOf, readerOf } from './JobLog';
