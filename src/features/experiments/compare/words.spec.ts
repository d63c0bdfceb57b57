import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { CompareRow } from './model';
import { rowLabel, valueText } from './words';

const trans = nullTranslator.load('mlstudio');
const row = (group: CompareRow['group'], key: string) => ({ group, key });

describe('the rows of a comparison', () => {
  it('are called in words where the key is ours, by the key where it is theirs', () => {
    expect(rowLabel(row('environment', 'hardware.memory'), trans)).toBe(
      'Memory'
    );
    expect(rowLabel(row('environment', 'variables.LANG'), trans)).toBe('LANG');
    expect(rowLabel(row('code', 'git_dirty'), trans)).toBe(
      'Uncommitted changes'
    );
    expect(rowLabel(row('params', 'params.host'), trans)).toBe('host');
    expect(rowLabel(row('packages', 'source'), trans)).toBe('source');
  });

  it('have values with units', () => {
    const memory = row('environment', 'hardware.memory');
    expect(valueText(memory, '25276510208', trans)).toBe('23.5 GiB');
    expect(valueText(row('meta', 'duration'), 83.4, trans)).toBe('1 min 23 s');
    expect(valueText(row('params', 'params.duration'), 83.4, trans)).toBe(
      '83.4'
    );
    expect(valueText(row('meta', 'starred'), false, trans)).toBe('no');
    expect(valueText(row('params', 'params.flag'), false, trans)).toBe('false');
  });
});
