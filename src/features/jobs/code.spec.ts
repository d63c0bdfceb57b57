import { describe, expect, it } from 'vitest';

import type { JobRecord } from '../../api/types';
import { codeOf, literal } from './code';

const job = (spec: object, more: object = {}): JobRecord =>
  ({
    name: 'churn',
    kind: 'training',
    spec: {
      name: 'churn',
      kind: 'training',
      entry_point: 'train.py',
      source_dir: '/home/me/src',
      interpreter: '/usr/bin/python',
      ...spec
    },
    ...more
  }) as unknown as JobRecord;

describe('a Python literal', () => {
  it.each([
    [null, 'None'],
    [true, 'True'],
    [0.5, '0.5'],
    ['a"\n\\', '"a\\"\\n\\\\"'],
    [{ a: [1, false] }, '{"a": [1, False]}'],
    [[], '[]']
  ])('of %j', (value, text) => {
    expect(literal(value)).toBe(text);
  });

  it('is broken into lines when it is long', () => {
    const long = 'x'.repeat(70);
    expect(literal({ a: long, b: 1 })).toBe(
      `{\n    "a": "${long}",\n    "b": 1,\n}`
    );
  });
});

describe('the code of a job', () => {
  it('is its estimator, secrets taken from the environment', () => {
    const code = codeOf(
      job({
        framework: 'sklearn',
        hyperparameters: { lr: '0.1', opt: '"adam"', odd: 'no json' },
        environment: { TOKEN: '••••', LEVEL: 'info' },
        channels: [{ name: 'train', source: '/data' }],
        experiment_config: { experiment_name: 'Spring', trial_name: null }
      })
    );
    expect(code).toBe(`import os

from mlstudio.training import SKLearn

estimator = SKLearn(
    entry_point="train.py",
    source_dir="/home/me/src",
    instance_type="local",
    instance_count=1,
    hyperparameters={
        "lr": 0.1,
        "opt": "adam",
        "odd": "no json",
    },
    environment={
        "TOKEN": os.environ["TOKEN"],
        "LEVEL": "info",
    },
    max_run=86400,
)
estimator.fit(
    inputs={"train": "/data"},
    experiment_config={"ExperimentName": "Spring"},
    wait=False,
)`);
  });

  it('is its specification where no estimator says it', () => {
    const code = codeOf(
      job({ command: ['Rscript'], retries: 2, rerun_of: 'x', spot: false })
    );
    expect(code).toContain('job = jobs.submit(msgspec.convert(spec, JobSpec))');
    expect(code).toContain('    "name": "churn-again",\n');
    expect(code).toContain('    "command": ["Rscript"],\n');
    expect(code).toContain('    "retries": 2,\n');
    expect(code).not.toContain('rerun_of');
    expect(code).not.toContain('spot');
    expect(code).not.toContain('import os');
  });
});
