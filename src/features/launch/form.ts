/** What the form of a job holds, and what the server is asked with it. Pure. */
import { asStudioError } from '../../api/errors';
import type { Schemas } from '../../api/types';

export type Parameter = Schemas['NotebookParameter'];
type JobFromFile = Schemas['JobFromFile'];
type ScheduleFromFile = Schemas['ScheduleFromFile'];

/** A name and what was typed beside it. */
export interface IVariable {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

/** What the form holds; numbers are as they were typed. */
export interface IForm {
  readonly name: string;
  readonly instanceType: string;
  readonly experiment: string;
  /** Texts of parameters by name; only those that were touched. */
  readonly parameters: Readonly<Record<string, string>>;
  /** One a line. */
  readonly args: string;
  readonly environment: readonly IVariable[];
  readonly withFolder: boolean;
  readonly hours: string;
  readonly retries: string;
  readonly priority: string;
  readonly scheduled: boolean;
  readonly cron: string;
  readonly timezone: string;
}

/** Fields that a failure may stand beside. */
export type FieldName = keyof IForm;

/** What is wrong, by field. */
export type Problems = Partial<Record<FieldName, string>>;

/** Choices that are the same for most jobs of a person, and are remembered. */
export type Remembered = Pick<
  IForm,
  | 'instanceType'
  | 'experiment'
  | 'hours'
  | 'retries'
  | 'priority'
  | 'cron'
  | 'timezone'
>;

const HOUR = 3600;

/** A new form, with what was chosen last. */
export function newForm(last: Partial<Remembered>, timezone: string): IForm {
  return {
    name: '',
    instanceType: 'local',
    experiment: '',
    hours: '24',
    retries: '0',
    priority: '0',
    cron: '0 3 * * *',
    timezone,
    ...last,
    parameters: {},
    args: '',
    environment: [],
    withFolder: false,
    scheduled: false
  };
}

/** What of a form is remembered. Neither values nor the environment: secrets may stand in them. */
export function rememberedOf(form: IForm): Remembered {
  const { instanceType, experiment, hours, retries, priority, cron, timezone } =
    form;
  return { instanceType, experiment, hours, retries, priority, cron, timezone };
}

/** Texts out of a stored value; whatever else stands there is left out. */
export function readRemembered(stored: string | null): Partial<Remembered> {
  let value: unknown;
  try {
    value = JSON.parse(stored ?? '{}');
  } catch {
    return {};
  }
  const known = Object.keys(rememberedOf(newForm({}, '')));
  return typeof value !== 'object' || value === null
    ? {}
    : Object.fromEntries(
        Object.entries(value).filter(
          ([key, text]) => known.includes(key) && typeof text === 'string'
        )
      );
}

/** How a parameter is typed in. */
export type Kind = 'flag' | 'number' | 'text' | 'json';

/** The kind of input of a parameter. */
export function kindOf(one: Parameter): Kind {
  if (!one.literal) {
    return 'json';
  }
  switch (typeof one.value) {
    case 'boolean':
      return 'flag';
    case 'number':
      return 'number';
    case 'string':
      return 'text';
    default:
      return 'json';
  }
}

/** What stands in a parameter's input at first. */
export function textOf(one: Parameter): string {
  if (!one.literal) {
    return '';
  }
  return typeof one.value === 'string' ? one.value : JSON.stringify(one.value);
}

/** What was typed as a value; undefined where it cannot be one of this kind. */
export function valueOf(kind: Kind, text: string): unknown {
  if (kind === 'text') {
    return text;
  }
  if (kind === 'number') {
    const number = Number(text);
    return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Most values of an unknown type are words; one that begins like JSON was meant as JSON.
    return /^\s*[[{"]/.test(text) ? undefined : text;
  }
}

/** Parameters that differ from what the notebook says, and the names of those that cannot be read. */
export function parametersOf(
  form: IForm,
  items: readonly Parameter[]
): { values: Record<string, unknown>; wrong: string[] } {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const one of items) {
    const text = form.parameters[one.name];
    if (text === undefined || text === textOf(one)) {
      continue;
    }
    const value = valueOf(kindOf(one), text);
    if (value === undefined) {
      wrong.push(one.name);
    } else {
      values[one.name] = value;
    }
  }
  return { values, wrong };
}

const linesOf = (text: string): string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');

export const isNotebook = (path: string): boolean => path.endsWith('.ipynb');

/** Whether a file can be run as a job. */
export const isRunnable = (path: string): boolean =>
  /\.(py|sh|ipynb)$/.test(path);

/** What is asked of the server to run the file. */
export function jobOf(
  path: string,
  form: IForm,
  items: readonly Parameter[]
): JobFromFile {
  return {
    path,
    kind: 'training',
    name: form.name.trim() || null,
    interpreter: null,
    with_folder: form.withFolder,
    allow_cpu_fallback: false,
    hyperparameters: {},
    metric_definitions: [],
    // The generated type of a map of any values holds none.
    parameters: parametersOf(form, items).values as JobFromFile['parameters'],
    arguments: isNotebook(path) ? [] : linesOf(form.args),
    environment: Object.fromEntries(
      form.environment
        .filter(one => one.name.trim() !== '')
        .map(one => [one.name.trim(), one.text])
    ),
    instance_type: form.instanceType,
    max_run: Math.round(HOUR * Number(form.hours)),
    retries: Number(form.retries),
    priority: Number(form.priority),
    experiment_config: { experiment_name: form.experiment.trim() || null }
  };
}

/** What is asked of the server to run the file again and again. */
export function scheduleOf(
  path: string,
  form: IForm,
  items: readonly Parameter[]
): ScheduleFromFile {
  return {
    name: form.name.trim(),
    cron: form.cron.trim(),
    timezone: form.timezone,
    catch_up: false,
    keep: 30,
    // The schedule names its jobs.
    job: { ...jobOf(path, form, items), name: null }
  };
}

const SERVER_FIELDS: Readonly<Record<string, FieldName>> = {
  name: 'name',
  schedule_name: 'name',
  job_name: 'name',
  instance_type: 'instanceType',
  experiment_config: 'experiment',
  experiment_name: 'experiment',
  parameters: 'parameters',
  arguments: 'args',
  environment: 'environment',
  with_folder: 'withFolder',
  path: 'withFolder',
  max_run: 'hours',
  retries: 'retries',
  priority: 'priority',
  cron: 'cron',
  timezone: 'timezone'
};

/** The field of the form that a failure names; null when it names none. */
export function fieldOf(error: unknown): FieldName | null {
  const { field } = asStudioError(error);
  const parts = (field ?? '').split(/[.[\]]+/).filter(Boolean);
  const known = parts.filter(part => Object.hasOwn(SERVER_FIELDS, part));
  // `job.experiment_config.experiment_name`: the innermost that the form has.
  return known.length > 0 ? SERVER_FIELDS[known[known.length - 1]] : null;
}
