/** A cell gets the magic once, and only where it fits. */
import { expect, it } from 'vitest';

import { asJobCell } from './cell';

it('puts the magic above a cell', () => {
  expect(asJobCell('x = 1', 'local')).toBe('%%job\nx = 1');
  expect(asJobCell('x = 1', 'ml.m5.large')).toBe(
    '%%job --instance-type ml.m5.large\nx = 1'
  );
});

it('leaves out a size that is more than one word', () => {
  expect(asJobCell('x', 'a; rm b')).toBe('%%job\nx');
});

it('leaves a job as it is, and refuses other magics and empty cells', () => {
  expect(asJobCell('\n%%job --name a\nx', 'local')).toBe('%%job --name a\nx');
  expect(asJobCell('%%bash\nls', 'local')).toBeNull();
  expect(asJobCell('%%jobs', 'local')).toBeNull();
  expect(asJobCell(' \n', 'local')).toBeNull();
});
