/** Logs: their text, their tail, their view. */
export { JobLog } from './JobLog';
