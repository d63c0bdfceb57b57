import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { groupOf, type IColumn } from './columns';
import { toCsv, toTsv } from './copy';
import { LocalRows } from './localRows';
import { testPage } from './page.fixture';
import { formatCell, formatNumber, rawCell } from './values';

const trans = nullTranslator.load('mlstudio');

describe('cells as text', () => {
  it('shows what is not a finite number as such', () => {
    expect(formatNumber(NaN)).toBe('NaN');
    expect(formatNumber(Infinity)).toBe('Inf');
    expect(formatNumber(-Infinity)).toBe('-Inf');
    expect(formatNumber(-0)).toBe('-0');
  });

  it('is in the language of the page, as everywhere', () => {
    const before = document.documentElement.lang;
    try {
      document.documentElement.lang = 'de';
      expect(formatNumber(0.5)).toBe('0,5');
      expect(formatNumber(12345)).toBe('12.345');
      document.documentElement.lang = 'en';
      expect(formatNumber(12345)).toBe('12,345');
    } finally {
      document.documentElement.lang = before;
    }
  });

  it('never rounds a small or large number to something else', () => {
    expect(formatNumber(1e308)).toBe('1e+308');
    expect(formatNumber(3.2e-7)).toBe('3.2e-7');
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(0.1 + 0.2)).toBe('0.3');
    expect(formatNumber(9007199254740993).replace(/\D/g, '')).toContain('9');
  });

  it('leaves missing cells and cells on their way empty', () => {
    expect(formatCell(null, 'number')).toBe('');
    expect(formatCell(undefined, 'text')).toBe('');
    expect(formatCell('<img onerror=x>', 'text')).toBe('<img onerror=x>');
    expect(formatCell(NaN, 'time')).toBe('NaN');
    expect(formatCell(NaN, 'duration')).toBe('NaN');
  });

  it('gives other programs full precision and ISO times', () => {
    expect(rawCell(0.1 + 0.2, 'number')).toBe('0.30000000000000004');
    expect(rawCell(1e15, 'time')).toBe('2001-09-09T01:46:40.000Z');
    expect(rawCell(NaN, 'number')).toBe('NaN');
  });
});

describe('rows for the clipboard and files', () => {
  const columns: IColumn[] = ['name', 'params.note', 'metrics.loss.last'].map(
    key => ({
      key,
      group: groupOf(key),
      kind: 'category'
    })
  );

  it('are tab-separated in the order asked, with labels first', () => {
    const rows = new LocalRows(
      testPage(['a', 'b', 'c'], {
        'params.note': ['x\ty\nz', null, 'ok'],
        'metrics.loss.last': [0.25, NaN, null]
      })
    );
    expect(toTsv(rows, [2, 0], columns, trans)).toBe(
      'Name\tnote\tloss\nc\tok\t\na\tx y z\t0.25'
    );
  });

  it('do not run as formulas in a spreadsheet, numbers stay numbers', () => {
    const rows = new LocalRows(
      testPage(['=cmd()', '-b'], {
        'params.note': ['@x', '+y'],
        'metrics.loss.last': [-1.5, -Infinity]
      })
    );
    const text = toTsv(rows, [0, 1], columns, trans).split('\n');
    expect(text[1]).toBe("'=cmd()\t'@x\t-1.5");
    expect(text[2]).toBe("'-b\t'+y\t-Inf");
  });

  it('are quoted in CSV where they must be', () => {
    expect(
      toCsv([
        ['a', 'b,c'],
        ['say "hi"', 'x\ny']
      ])
    ).toBe('a,"b,c"\r\n"say ""hi""","x\ny"\r\n');
  });
});
