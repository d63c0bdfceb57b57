/** Short names of the generated types: `Schemas['JobRecord']`. No type is written twice. */
import type { components } from './schema';

export type Schemas = components['schemas'];
export type ExperimentRecord = Schemas['ExperimentRecord'];
export type TrialRecord = Schemas['TrialRecord'];
export type ComponentRecord = Schemas['ComponentRecord'];
export type SeriesSummary = Schemas['SeriesSummary'];
export type JobRecord = Schemas['JobRecord'];
export type TablePage = Schemas['TablePage'];
export type TableRequest = Schemas['TableRequest'];
export type PointsEvent = Schemas['PointsEvent'];

/** A float on the wire. */
export type WireNumber = number | 'nan' | 'inf' | '-inf';
