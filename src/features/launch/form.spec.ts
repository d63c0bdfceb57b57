/** What the form of a job asks for, and where a failure stands. */
import { describe, expect, it } from 'vitest';

import { StudioError } from '../../api/errors';
import {
  fieldOf,
  isRunnable,
  jobOf,
  kindOf,
  newForm,
  parametersOf,
  readRemembered,
  rememberedOf,
  scheduleOf,
  textOf,
  valueOf
} from './form';
import type { Parameter } from './form';

const parameter = (name: string, value: unknown, literal = true): Parameter =>
  ({ name, value, literal, text: '', type: null, comment: '' }) as Parameter;

const ITEMS = [
  parameter('lr', 0.1),
  parameter('name', 'a'),
  parameter('fast', true),
  parameter('layers', [1, 2]),
  parameter('seed', null, false)
];
const FORM = newForm({}, 'Europe/Berlin');

describe('parameters', () => {
  it('have an input of their type', () => {
    expect(ITEMS.map(kindOf)).toEqual([
      'number',
      'text',
      'flag',
      'json',
      'json'
    ]);
    expect(ITEMS.map(textOf)).toEqual(['0.1', 'a', 'true', '[1,2]', '']);
  });

  it('are read by their type', () => {
    expect(valueOf('number', '1e-3')).toBe(0.001);
    expect(valueOf('number', ' ')).toBeUndefined();
    expect(valueOf('number', 'many')).toBeUndefined();
    expect(valueOf('text', '12')).toBe('12');
    expect(valueOf('flag', 'false')).toBe(false);
    expect(valueOf('json', '[3]')).toEqual([3]);
    expect(valueOf('json', '[3')).toBeUndefined();
    expect(valueOf('json', 'word')).toBe('word');
  });

  it('are sent only where they differ', () => {
    const form = {
      ...FORM,
      parameters: { lr: '0.1', name: 'b', layers: '[', seed: '7' }
    };
    expect(parametersOf(form, ITEMS)).toEqual({
      values: { name: 'b', seed: 7 },
      wrong: ['layers']
    });
  });
});

describe('requests', () => {
  it('give a script its words, a notebook none', () => {
    const form = {
      ...FORM,
      args: '--lr\n0.5\n',
      hours: '0.5',
      environment: [
        { id: 0, name: ' A ', text: ' b' },
        { id: 1, name: '', text: 'lost' }
      ]
    };
    const script = jobOf('a/train.py', form, []);
    expect(script).toMatchObject({
      arguments: ['--lr', '0.5'],
      environment: { A: ' b' },
      max_run: 1800,
      name: null
    });
    expect(jobOf('a.ipynb', form, []).arguments).toEqual([]);
  });

  it('name the schedule and not its jobs', () => {
    const asked = scheduleOf('a.ipynb', { ...FORM, name: ' nightly ' }, []);
    expect(asked).toMatchObject({
      name: 'nightly',
      cron: '0 3 * * *',
      timezone: 'Europe/Berlin',
      job: { name: null }
    });
  });

  it('are made of three kinds of files', () => {
    expect(['a.py', 'a.sh', 'a.ipynb', 'a.txt', 'py'].map(isRunnable)).toEqual([
      true,
      true,
      true,
      false,
      false
    ]);
  });
});

describe('failures', () => {
  const named = (field: string | null) =>
    fieldOf(new StudioError('invalid_field', 'x', 422, field));

  it('stand beside the innermost field that they name', () => {
    expect(named('job.experiment_config.experiment_name')).toBe('experiment');
    expect(named('schedule_name')).toBe('name');
    expect(named('environment[A]')).toBe('environment');
    expect(named('toString')).toBeNull();
    expect(named(null)).toBeNull();
  });
});

describe('what is remembered', () => {
  it('comes back, without values and without what else was stored', () => {
    const form = { ...FORM, experiment: 'x', args: 'secret', name: 'n' };
    const stored = JSON.stringify({
      ...rememberedOf(form),
      args: 'secret',
      hours: 3
    });
    const back = readRemembered(stored);
    expect(back.experiment).toBe('x');
    expect(back).not.toHaveProperty('args');
    expect(newForm(back, 'UTC').hours).toBe('24');
    expect(newForm(back, 'UTC').args).toBe('');
  });

  it('may be broken', () => {
    expect(readRemembered('{')).toEqual({});
    expect(readRemembered('null')).toEqual({});
    expect(readRemembered(null)).toEqual({});
  });
});
