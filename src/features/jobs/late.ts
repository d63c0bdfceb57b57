/** All that is loaded when jobs are first looked at: one import is what Lab's start pays for. */
export { deleteFinished, stopJob } from './actions';
export { cloneJob } from './doing';
export { createJobsPage } from './list';
export { createJobPage } from './page';
export { createJobsSection } from './panel';
export { watch } from './watch';
