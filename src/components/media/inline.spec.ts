import { describe, expect, it } from 'vitest';

import { histogramOf, tableOf, textOf } from './inline';

const item = (text: string) => ({
  preview: btoa(String.fromCharCode(...new TextEncoder().encode(text)))
});

describe('previews in media rows', () => {
  it('reads texts as UTF-8 and says null for what is no base64', () => {
    expect(textOf(item('Grüße <b>'))).toBe('Grüße <b>');
    expect(textOf({ preview: null })).toBeNull();
    expect(textOf({ preview: '%%%' })).toBeNull();
  });

  it('draws only a histogram that adds up', () => {
    const good = { counts: [1, 2], edges: [0, 1, 2] };
    expect(histogramOf(item(JSON.stringify(good)))).toEqual(good);
    for (const bad of [
      '{}',
      'null',
      'no json',
      '{"counts": [1], "edges": [0]}',
      '{"counts": [-1], "edges": [0, 1]}',
      '{"counts": ["x"], "edges": [0, 1]}'
    ]) {
      expect(histogramOf(item(bad))).toBeNull();
    }
  });

  it('shows every cell of a table as text', () => {
    const table = {
      columns: ['a', 1],
      rows: [['<i>', null], 'x', [2, { b: 1 }]]
    };
    expect(tableOf(item(JSON.stringify(table)))).toEqual({
      columns: ['a', '1'],
      types: null,
      rows: [
        ['<i>', '–'],
        ['2', '{"b":1}']
      ],
      total: null
    });
    expect(tableOf(item('[]'))).toBeNull();
    const typed = {
      columns: [{ name: '<b>', type: 'float' }],
      rows: [],
      total_rows: 9
    };
    expect(tableOf(item(JSON.stringify(typed)))).toEqual({
      columns: ['<b>'],
      types: ['float'],
      rows: [],
      total: 9
    });
  });
});
