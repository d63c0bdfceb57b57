/** The plugins of mlstudio: only the list; each feature activates itself. */
import { apiPlugin } from './features/api/plugin';
import { livePlugin } from './features/live/plugin';
import { panelsPlugin } from './features/panels/plugin';

export default [apiPlugin, livePlugin, panelsPlugin];
