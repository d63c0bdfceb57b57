import { describe, expect, it } from 'vitest';

import { decodePage } from '../api/decode';
import { LocalRows } from '../components/table';
import { asRange, asTexts } from './traits';
import { columnsOf, requestOf } from './useRows';
import { metricsOf, runsOf } from './view';
import { words } from './words';

const base64 = (array: ArrayBufferView): string =>
  btoa(String.fromCharCode(...new Uint8Array(array.buffer)));

const page = decodePage({
  rows: 2,
  total: 2,
  offset: 0,
  version: 1,
  uids: ['1', '2'],
  names: ['a', 'b'],
  columns: [
    {
      key: 'metrics.loss.last',
      kind: 'float',
      b64: base64(new Float64Array([1, 2])),
      missing: btoa('\x00'),
      values: null,
      codes_b64: null
    },
    {
      key: 'metrics.gone.last',
      kind: 'float',
      b64: base64(new Float64Array([0, 0])),
      missing: btoa('\x03'),
      values: null,
      codes_b64: null
    },
    {
      key: 'tags.none',
      kind: 'category',
      b64: null,
      missing: null,
      values: [],
      codes_b64: base64(new Uint32Array([0xffffffff, 0xffffffff]))
    }
  ]
});

describe('the rows of a widget', () => {
  it('asks for one experiment, or for names', () => {
    expect(requestOf('experiment', ['mnist'], '').scope).toEqual({
      experiment: 'mnist'
    });
    const compared = requestOf('compare', ['a', 'b"c'], 'mnist');
    expect(compared.where).toBe('name in ["a", "b\\"c"]');
    expect(compared.scope).toEqual({ experiment: 'mnist' });
  });

  it('leaves out columns without a value', () => {
    expect(columnsOf(page).map(c => c.key)).toEqual(['metrics.loss.last']);
  });

  it('draws the selected runs, else the first ones', () => {
    const rows = new LocalRows(page);
    expect(runsOf(rows, [])).toEqual(['a', 'b']);
    expect(runsOf(rows, ['b', 'gone'])).toEqual(['b']);
    expect(runsOf(null, ['b'])).toEqual([]);
  });

  it('puts the likely objective first and leaves system metrics out', () => {
    const column = (key: string) =>
      ({ key, group: 'metrics', kind: 'float' }) as const;
    const keys = ['metrics.system/cpu.last', 'metrics.loss.last'];
    expect(
      metricsOf([...keys, 'metrics.val_acc.last', 'status'].map(column))
    ).toEqual(['val_acc', 'loss']);
  });
});

describe('traits', () => {
  it('are read whatever stands in them', () => {
    expect(asTexts(['a', 3, null])).toEqual(['a']);
    expect(asTexts('a')).toEqual([]);
    expect(asRange([1, 2])).toEqual([1, 2]);
    expect(asRange([1])).toBeNull();
  });
});

describe('words', () => {
  it('are filled in', () => {
    expect(words.__('%1 of %2', 3, 'x')).toBe('3 of x');
    expect(words._n('%1 run', '%1 runs', 2)).toBe('2 runs');
    expect(words._n('%1 run', '%1 runs', 1)).toBe('1 run');
  });
});
