/** Curves of components: which there are, and a grid of them under one bar. */
export { CurveGrid } from './CurveGrid';
export { curveGroups, seriesLabel } from './series';
