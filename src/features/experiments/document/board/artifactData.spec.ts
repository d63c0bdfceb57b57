import { describe, expect, it } from 'vitest';

import type { IStudioApi } from '../../../../tokens';
import { readStored } from './artifactData';

const TITLE = 'roc';
const ROC = {
  type: 'ROCCurve',
  title: TITLE,
  falsePositiveRate: [0, 0.5, 1],
  truePositiveRate: [0, 0.9, 1],
  areaUnderCurve: 0.7
};

describe('a stored plot', () => {
  it('is looked for among small JSON outputs only', async () => {
    const item = (uid: string | null, more: object): object => ({
      uid,
      name: 'roc.json',
      direction: 'output',
      media_type: 'application/json',
      size: 100,
      ...more
    });
    const items = [
      item('in', { direction: 'input' }),
      item(null, {}),
      item('huge', { size: 1e9 }),
      item('model', { name: 'model.bin', media_type: 'application/x-binary' }),
      item('damaged', {}),
      item('good', {})
    ];
    const asked: string[] = [];
    const api = {
      client: { GET: async () => ({ data: { items } }) },
      bytes: async (path: string) => {
        asked.push(path);
        const text = path.includes('good')
          ? JSON.stringify(ROC)
          : '{"type": "ROC';
        return new TextEncoder().encode(text).buffer;
      }
    } as unknown as IStudioApi;
    const signal = new AbortController().signal;
    const found = await readStored(api, 'run', 'roc', null, signal);
    expect(found).toMatchObject({ kind: 'curve', score: 0.7 });
    expect(asked).toEqual([
      '/artifacts/damaged/content',
      '/artifacts/good/content'
    ]);
  });
});
