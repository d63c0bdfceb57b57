/** What a form says differently from a job, as the server wants it. Pure. */
import type { JobRecord, Schemas } from '../../api/types';

type Changes = Schemas['JobChanges'];

/** A name and a value that can be edited; `was` is null for a new one. */
export interface IPair {
  readonly id: number;
  readonly name: string;
  readonly text: string;
  readonly was: string | null;
}

/** What the form holds. */
export interface IForm {
  readonly name: string;
  readonly instanceType: string;
  readonly maxRun: string;
  readonly priority: string;
  readonly experiment: string;
  readonly hyperparameters: readonly IPair[];
  readonly parameters: readonly IPair[];
  readonly environment: readonly IPair[];
  /** One a line. */
  readonly args: string;
}

/** A value as people type it: text without quotes, unless it would be read as something else. */
export function typed(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' && read(value) === value ? value : json;
  } catch {
    return json;
  }
}

/** What people typed as a value: JSON where it is JSON, else text. */
export function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pairs(texts: Readonly<Record<string, string>>): IPair[] {
  return Object.entries(texts).map(([name, text], id) => ({
    id,
    name,
    text,
    was: text
  }));
}

/** The form of a job as it is. */
export function formOf(job: JobRecord): IForm {
  const { spec } = job;
  const map = <T>(
    values: Readonly<Record<string, T>> | undefined,
    text: (value: T) => string
  ): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values ?? {}).map(([key, value]) => [key, text(value)])
    );
  return {
    name: '',
    instanceType: spec.instance_type ?? 'local',
    maxRun: String(spec.max_run ?? 86400),
    priority: String(spec.priority ?? 0),
    experiment: spec.experiment_config?.experiment_name ?? '',
    hyperparameters: pairs(map(spec.hyperparameters, typed)),
    parameters: pairs(
      map(spec.notebook?.parameters as Record<string, unknown>, value =>
        typed(JSON.stringify(value))
      )
    ),
    environment: pairs(map(spec.environment, String)),
    args: (spec.arguments ?? []).join('\n')
  };
}

/** Values that changed or came, null for those that went; null when all stayed. */
function laid<T>(
  now: readonly IPair[],
  before: readonly IPair[],
  value: (text: string) => T
): Record<string, T | null> | null {
  const said: Record<string, T | null> = {};
  for (const old of before) {
    if (!now.some(one => one.name === old.name)) {
      said[old.name] = null;
    }
  }
  for (const one of now) {
    const old = before.find(each => each.name === one.name);
    if (one.name !== '' && old?.text !== one.text) {
      said[one.name] = value(one.text);
    }
  }
  return Object.keys(said).length === 0 ? null : said;
}

/** Only what differs: a secret that nobody touched is masked here and stays what it is there. */
export function changesOf(job: JobRecord, form: IForm): Changes {
  const was = formOf(job);
  const changes: Record<string, unknown> = {};
  const put = (key: keyof Changes, value: unknown): void => {
    if (value !== null) {
      changes[key] = value;
    }
  };
  put('name', form.name.trim() || null);
  put(
    'instance_type',
    form.instanceType === was.instanceType ? null : form.instanceType
  );
  put('max_run', form.maxRun === was.maxRun ? null : Number(form.maxRun));
  put(
    'priority',
    form.priority === was.priority ? null : Number(form.priority)
  );
  put(
    'experiment_config',
    form.experiment === was.experiment
      ? null
      : { experiment_name: form.experiment.trim() || null }
  );
  put('hyperparameters', laid(form.hyperparameters, was.hyperparameters, read));
  put('parameters', laid(form.parameters, was.parameters, read));
  put('environment', laid(form.environment, was.environment, String));
  put(
    'arguments',
    form.args === was.args
      ? null
      : form.args
          .split('\n')
          .filter((line, i, all) => line || i < all.length - 1)
  );
  return changes as Changes;
}
