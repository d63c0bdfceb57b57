/** Lineage: what was made from what. */
export { LineageGraph } from './LineageGraph';
