import { describe, expect, it } from 'vitest';

import { PLAIN, dip, piecesOf, readStyled } from './ansi';

const styleOf = (numbers: string): string | undefined =>
  readStyled('x', dip(PLAIN, numbers))[0].spans?.[0].style;

describe('colours of a terminal', () => {
  it.each([
    ['31', 'red'],
    ['92', 'green'],
    ['90', 'grey'],
    ['30', undefined],
    ['37', undefined],
    ['1;33', 'yellow bold'],
    ['38;5;208', 'yellow'],
    ['38;5;244', 'grey'],
    ['38;5;255', undefined],
    ['38;2;20;40;250', 'blue'],
    ['38:2:250:0:250', 'magenta'],
    ['44;31', 'red on-blue'],
    ['106', 'on-cyan'],
    ['2', 'grey'],
    ['3;4', 'italic underline'],
    ['31;0', undefined],
    ['1;31;22;39', undefined],
    ['', undefined],
    ['999', undefined],
    ['38', undefined],
    ['38;5', undefined]
  ])('of %s are %s', (numbers, style) => {
    expect(styleOf(numbers)).toBe(style);
  });

  it('take linear time with any input', () => {
    const hostile = '\u001b[38;5;'.repeat(50_000) + '\u001b]'.repeat(50_000);
    const begun = performance.now();
    readStyled(hostile, PLAIN);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('and what was searched cut a line together', () => {
    const spans = [
      { from: 2, to: 6, style: 'red' },
      { from: 8, to: 9, style: 'blue' }
    ];
    expect(piecesOf(['abcd', 'ef', 'ghijk'], spans)).toEqual([
      { text: 'ab', style: '', mark: false },
      { text: 'cd', style: 'red', mark: false },
      { text: 'ef', style: 'red', mark: true },
      { text: 'gh', style: '', mark: false },
      { text: 'i', style: 'blue', mark: false },
      { text: 'jk', style: '', mark: false }
    ]);
    expect(piecesOf([''], null)).toEqual([]);
  });
});
