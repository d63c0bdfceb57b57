import { describe, expect, it } from 'vitest';

import { keptOf, requestOf } from './request';

describe('what an import asks for', () => {
  it('leaves the names to the source unless an experiment is given', () => {
    const asked = { kind: 'mlflow', source: ' /data/mlruns ' } as const;
    expect(requestOf({ ...asked, experiment: ' ' }, true)).toEqual({
      kind: 'mlflow',
      source: '/data/mlruns',
      experiment: null,
      dry_run: true
    });
    expect(requestOf({ ...asked, experiment: 'mine' }, false)).toMatchObject({
      experiment: 'mine',
      dry_run: false
    });
  });
});

describe('what an import page keeps over a reload', () => {
  const nothing = { kind: 'mlflow', source: '', experiment: '' };

  it('comes back as it was', () => {
    const asked = { kind: 'wandb', source: '/w', experiment: 'e' };
    const started = { uid: 'u', dryRun: true, asked };
    expect(keptOf({ ...asked, started })).toEqual({ asked, started });
  });

  it.each([null, 3, 'x', {}, { kind: 'evil', source: 5, started: 7 }])(
    'is the default where it is broken: %j',
    state => {
      expect(keptOf(state)).toEqual({ asked: nothing, started: null });
    }
  );

  it('knows a task whose question is broken', () => {
    const { started } = keptOf({ started: { uid: 'u', asked: [null] } });
    expect(started).toEqual({ uid: 'u', dryRun: false, asked: nothing });
  });
});
