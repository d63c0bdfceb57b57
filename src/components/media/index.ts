/** Media that runs logged: one of them, all of a component, sliders over their steps. */
export { MediaGallery, MediaItems } from './MediaGallery';
export { StepSlider } from './StepSlider';
export { useAllMediaSeries } from './data';
export { stepAt, unionOf } from './steps';
export { HistogramSpan } from './Histogram';
