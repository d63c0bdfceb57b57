/** The charts board of an experiment. Its state is `model` and `json`, which draw nothing. */
export { Board } from './board';
