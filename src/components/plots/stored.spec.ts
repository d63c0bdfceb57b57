import { describe, expect, it } from 'vitest';

import { parseStored, plotKindOf } from './stored';

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

  it('may be a table: columns by their fields, as far as they go', () => {
    const table = {
      type: 'Table',
      title: TITLE,
      fields: [{ name: 'a', type: 'string' }, { name: 'b' }, { no: 'name' }],
      data: { a: ['x', null, { deep: 1 }], b: [1] }
    };
    expect(parseStored(table, 'table')).toEqual({
      kind: 'table',
      title: TITLE,
      columns: ['a', 'b'],
      types: ['string', ''],
      rows: [
        ['x', '1'],
        [null, null],
        ['{"deep":1}', null]
      ],
      total: 3
    });
    expect(parseStored({ ...table, fields: [] }, 'table')).toBeNull();
    expect(parseStored({ ...table, data: null }, 'table')).toBeNull();
    const inherited = { ...table, fields: [{ name: 'constructor' }] };
    expect(parseStored(inherited, 'table')).toMatchObject({ total: 0 });
  });

  it('says its kind itself, and no other word counts', () => {
    expect(plotKindOf(MATRIX)).toBe('confusion');
    expect(plotKindOf({ type: 'constructor' })).toBeNull();
    expect(plotKindOf('ROCCurve')).toBeNull();
  });
});
