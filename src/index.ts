/** The plugins of mlstudio: only the list; each feature activates itself. */
import { apiPlugin } from './features/api/plugin';
import { experimentsPlugin } from './features/experiments/plugin';
import { jobsPlugin } from './features/jobs/plugin';
import { kernelsPlugin } from './features/kernels/plugin';
import { launchPlugin } from './features/launch/plugin';
import { livePlugin } from './features/live/plugin';
import { panelsPlugin } from './features/panels/plugin';
import { statusPlugin } from './features/status/plugin';

export default [
  apiPlugin,
  livePlugin,
  panelsPlugin,
  experimentsPlugin,
  jobsPlugin,
  kernelsPlugin,
  launchPlugin,
  statusPlugin
];
