/** The Python that submits the same job once more. Pure. */
import type { JobRecord } from '../../api/types';

type Spec = JobRecord['spec'];

/** What stands in the place of a secret in every answer of the server. */
const MASK = '••••';
const CLASSES: Record<string, string> = {
  sklearn: 'SKLearn',
  pytorch: 'PyTorch',
  xgboost: 'XGBoost'
};
/** Fields that an estimator does not have, or that its `fit` makes anew. */
const BEYOND: readonly (keyof Spec)[] = [
  'command',
  'arguments',
  'inputs',
  'outputs',
  'dependencies',
  'distribution',
  'notebook',
  'image_uri'
];
const NEVER: readonly string[] = [
  'name',
  'client_token',
  'schedule',
  'rerun_of',
  'recorded',
  'debug'
];

const empty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** A JSON value as a Python literal; long ones over several lines. */
export function literal(value: unknown, indent = 0): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value !== 'object') {
    return JSON.stringify(value);
  }
  const list = Array.isArray(value);
  const items = list
    ? value.map(one => literal(one, indent + 4))
    : Object.entries(value).map(
        ([key, one]) => `${JSON.stringify(key)}: ${literal(one, indent + 4)}`
      );
  const [open, close] = list ? '[]' : '{}';
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length <= 80 - indent && !line.includes('\n')) {
    return line;
  }
  const pad = ' '.repeat(indent + 4);
  const inside = items.map(one => `${pad}${one},\n`).join('');
  return `${open}\n${inside}${' '.repeat(indent)}${close}`;
}

/** Hyperparameters are JSON texts; what is none stays the text that it is. */
function parsed(texts: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]): [string, unknown] => {
      try {
        return [key, JSON.parse(text)];
      } catch {
        return [key, text];
      }
    })
  );
}

/** A dict whose masked values are taken from the environment of whoever runs the code. */
function withoutSecrets(
  values: Readonly<Record<string, unknown>>,
  indent: number
): [text: string, secrets: boolean] {
  const pad = ' '.repeat(indent + 4);
  let secrets = false;
  const items = Object.entries(values).map(([key, value]) => {
    const masked = typeof value === 'string' && value.includes(MASK);
    secrets ||= masked;
    const name = JSON.stringify(key);
    const text = masked ? `os.environ[${name}]` : literal(value, indent + 4);
    return `${pad}${name}: ${text},\n`;
  });
  return [`{\n${items.join('')}${' '.repeat(indent)}}`, secrets];
}

function call(name: string, given: readonly [string, string][]): string {
  const inside = given.map(([key, text]) => `    ${key}=${text},\n`).join('');
  return `${name}(\n${inside})`;
}

function estimatorCode(job: JobRecord, cls: string): string {
  const { spec } = job;
  const [environment, fromEnv] = withoutSecrets(spec.environment ?? {}, 4);
  const [parameters, fromHp] = withoutSecrets(
    parsed(spec.hyperparameters ?? {}),
    4
  );
  const metrics = (spec.metric_definitions ?? []).map(one => ({
    Name: one.name,
    Regex: one.regex
  }));
  const given: [string, string][] = [
    ['entry_point', literal(spec.entry_point)],
    ['source_dir', literal(spec.source_dir)],
    ['instance_type', literal(spec.instance_type ?? 'local')],
    ['instance_count', literal(spec.instance_count ?? 1)]
  ];
  if (!empty(spec.hyperparameters)) {
    given.push(['hyperparameters', parameters]);
  }
  if (!empty(spec.environment)) {
    given.push(['environment', environment]);
  }
  if (metrics.length > 0) {
    given.push(['metric_definitions', literal(metrics, 4)]);
  }
  if (!empty(spec.output_path)) {
    given.push(['output_path', literal(spec.output_path)]);
  }
  if (!empty(spec.tags)) {
    const tags = Object.entries(spec.tags ?? {});
    given.push([
      'tags',
      literal(
        tags.map(([Key, Value]) => ({ Key, Value })),
        4
      )
    ]);
  }
  given.push(['max_run', literal(spec.max_run ?? 86400)]);
  const config = spec.experiment_config ?? {};
  const experiment = {
    ExperimentName: config.experiment_name,
    TrialName: config.trial_name,
    TrialComponentDisplayName: config.trial_component_display_name,
    RunName: config.run_name
  };
  const where = Object.fromEntries(
    Object.entries(experiment).filter(([, value]) => !empty(value))
  );
  const channels = Object.fromEntries(
    (spec.channels ?? []).map(one => [one.name, one.source])
  );
  const fit: [string, string][] = [];
  if (!empty(channels)) {
    fit.push(['inputs', literal(channels, 4)]);
  }
  if (!empty(where)) {
    fit.push(['experiment_config', literal(where, 4)]);
  }
  fit.push(['wait', 'False']);
  const os = fromEnv || fromHp ? 'import os\n\n' : '';
  return `${os}from mlstudio.training import ${cls}\n\nestimator = ${call(cls, given)}\n${call('estimator.fit', fit)}`;
}

function fieldText(name: string, value: unknown): [string, boolean] {
  if (name === 'hyperparameters' || name === 'environment') {
    return withoutSecrets(value as Record<string, unknown>, 4);
  }
  return [literal(value, 4), false];
}

/** Any other job: its whole specification, as the server reads it. */
function specCode(job: JobRecord): string {
  let secrets = false;
  const given: [string, string][] = [['"name"', literal(`${job.name}-again`)]];
  for (const [name, value] of Object.entries(job.spec)) {
    if (!NEVER.includes(name) && !empty(value)) {
      const [text, masked] = fieldText(name, value);
      secrets ||= masked;
      given.push([JSON.stringify(name), text]);
    }
  }
  const inside = given.map(([key, text]) => `    ${key}: ${text},\n`).join('');
  const os = secrets ? 'import os\n\n' : '';
  return `${os}import msgspec\n\nfrom mlstudio import jobs\nfrom mlstudio.entities.jobs import JobSpec\n\nspec = {\n${inside}}\njob = jobs.submit(msgspec.convert(spec, JobSpec))\njob`;
}

/** Code for a cell: an estimator where the job is that of one, else its specification. */
export function codeOf(job: JobRecord): string {
  const cls = CLASSES[job.spec.framework ?? ''];
  const simple = BEYOND.every(name => empty(job.spec[name]));
  return cls !== undefined && job.kind === 'training' && simple
    ? estimatorCode(job, cls)
    : specCode(job);
}
