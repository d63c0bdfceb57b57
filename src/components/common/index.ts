/** What features share: services, live updates, failures, statuses, words and numbers. */
export { Banner } from './Banner';
export { Code } from './Code';
export {
  useLive,
  useNow,
  useQuiet,
  useStale,
  useStudio,
  useThrottle
} from './context';
export { Diff } from './Diff';
export * from './format';
export * from './measures';
export { LiveNote } from './LiveNote';
export { Markdown } from './Markdown';
export { studioQueryClient } from './query';
export { isRunning, shownStatus } from './states';
export { Status, statusText } from './Status';
export { StudioWidget } from './StudioWidget';
export { Tabs } from './Tabs';
export type { ITab } from './Tabs';
export { UserText } from './text';
export type { IStudioServices } from './view';
