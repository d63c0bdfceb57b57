import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import {
  commandOf,
  hintParts,
  repairLabel,
  titleOf,
  type Finding
} from './doctorWords';

const trans = nullTranslator.load('mlstudio');

describe('a finding of the doctor', () => {
  it('is titled by its code; one of a newer server by its message alone', () => {
    const finding = (code: string): Finding => ({ code }) as Finding;
    expect(titleOf(finding('disk_full'), trans)).toBe('The disk is full');
    expect(titleOf(finding('constructor'), trans)).toBe('');
  });

  it('has a button that says what it does', () => {
    expect(repairLabel('permissions', trans)).toBe('Make it private');
    expect(repairLabel('toString', trans)).toBe('Repair');
  });

  it('has its command apart from the words around it', () => {
    expect(hintParts('Run `chmod 700 /x` once.')).toEqual([
      { text: 'Run ', command: false },
      { text: 'chmod 700 /x', command: true },
      { text: ' once.', command: false }
    ]);
    expect(commandOf('Run `chmod 700 /x` once.')).toBe('chmod 700 /x');
    expect(commandOf('Free some space.')).toBeNull();
    expect(hintParts('a ` alone')).toEqual([
      { text: 'a ` alone', command: false }
    ]);
  });
});
