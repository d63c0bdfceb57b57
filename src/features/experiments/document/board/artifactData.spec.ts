import { describe, expect, it } from 'vitest';

import type { IStudioApi } from '../../../../tokens';
import { parseStored, readStored } from './artifactData';

const TITLE = 'roc';
const ROC = {
  type: 'ROCCurve',
  title: TITLE,
  falsePositiveRate: [0, 0.5, 1],
  truePositiveRate: [0, 0.9, 1],
  areaUnderCurve: 0.7
};
const MATRIX = {
  type: 'ConfusionMatrix',
  confusionMatrix: [
    [3, 1],
    [0, 4]
  ],
  labels: ['cat', 'dog']
};

describe('a stored plot', () => {
  it('is read when it is whole and of the kind asked for', () => {
    expect(parseStored(ROC, 'roc')).toMatchObject({
      x: [0, 0.5, 1],
      score: 0.7
    });
    expect(parseStored(ROC, 'pr')).toBeNull();
    expect(parseStored(MATRIX, 'confusion')).toMatchObject({
      labels: ['cat', 'dog'],
      values: [
        [3, 1],
        [0, 4]
      ]
    });
    const unnamed = { ...MATRIX, labels: ['cat'] };
    expect(parseStored(unnamed, 'confusion')).toMatchObject({
      labels: ['0', '1']
    });
  });

  it('is nothing when it does not add up', () => {
    const broken = [
      null,
      3,
      'ROCCurve',
      [],
      { ...ROC, truePositiveRate: [0, 1] },
      { ...ROC, truePositiveRate: [0, 'x', 1] },
      { ...ROC, truePositiveRate: [0, null, 1] },
      { ...ROC, falsePositiveRate: [] }
    ];
    broken.forEach(one => expect(parseStored(one, 'roc')).toBeNull());
    const ragged = { ...MATRIX, confusionMatrix: [[1, 2], [3]] };
    expect(parseStored(ragged, 'confusion')).toBeNull();
    expect(
      parseStored({ ...MATRIX, confusionMatrix: [] }, 'confusion')
    ).toBeNull();
  });

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
