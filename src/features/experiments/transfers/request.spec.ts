import { describe, expect, it } from 'vitest';

import { requestOf } from './request';

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
