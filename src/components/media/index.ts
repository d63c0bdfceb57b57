/** Media that runs logged: one of them, all of a component, sliders over their steps. */
export { MediaGallery, MediaItems } from './MediaGallery';
export { MediaView } from './MediaView';
export { StepSlider } from './StepSlider';
export { useAllMediaSeries } from './data';
export type { MediaItem, MediaSeries } from './inline';
export { stepAt, unionOf } from './steps';
