import { describe, expect, it } from 'vitest';

import type { JobRecord } from '../../api/types';
import { changesOf, formOf, read, typed } from './changes';

const job = {
  name: 'a',
  spec: {
    instance_type: 'local',
    max_run: 60,
    priority: 0,
    hyperparameters: { lr: '0.1', opt: '"adam"', fold: '"5"' },
    environment: { TOKEN: '••••', LEVEL: 'info' },
    arguments: ['--in', 'x'],
    experiment_config: { experiment_name: 'Spring' }
  }
} as unknown as JobRecord;

describe('values that people type', () => {
  it.each([
    ['"adam"', 'adam', 'adam'],
    ['"5"', '"5"', '5'],
    ['0.1', '0.1', 0.1],
    ['[1,2]', '[1,2]', [1, 2]],
    ['true', 'true', true],
    ['no json', 'no json', 'no json']
  ])('%s is shown as %s', (json, shown, value) => {
    expect(typed(json)).toBe(shown);
    expect(read(shown)).toEqual(value);
  });
});

describe('changes', () => {
  it('are nothing when nothing was touched: masked secrets are not sent', () => {
    expect(changesOf(job, formOf(job))).toEqual({});
  });

  it('are what is new, other or gone', () => {
    const form = formOf(job);
    const [lr, , fold] = form.hyperparameters;
    const fresh = { id: 9, name: 'epochs', text: '3', was: null };
    expect(
      changesOf(job, {
        ...form,
        name: ' again ',
        instanceType: 'ml.m5.large',
        maxRun: '120',
        priority: '5',
        experiment: '',
        hyperparameters: [{ ...lr, text: '0.2' }, fold, fresh],
        environment: form.environment.slice(0, 1),
        args: '--in\n\ny\n'
      })
    ).toEqual({
      name: 'again',
      instance_type: 'ml.m5.large',
      max_run: 120,
      priority: 5,
      experiment_config: { experiment_name: null },
      hyperparameters: { lr: 0.2, opt: null, epochs: 3 },
      environment: { LEVEL: null },
      arguments: ['--in', '', 'y']
    });
  });

  it('of a notebook are its parameters', () => {
    const notebook = {
      ...job,
      spec: { ...job.spec, notebook: { parameters: { n: 3, who: 'me' } } }
    } as unknown as JobRecord;
    const form = formOf(notebook);
    expect(form.parameters.map(one => one.text)).toEqual(['3', 'me']);
    const changed = { ...form.parameters[0], text: '4' };
    expect(
      changesOf(notebook, {
        ...form,
        parameters: [changed, form.parameters[1]]
      })
    ).toEqual({ parameters: { n: 4 } });
  });
});
