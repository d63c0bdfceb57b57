import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { VERSION } from './version';

it('the front end and its package have one version', () => {
  const text = readFileSync('package.json', 'utf-8');
  expect((JSON.parse(text) as { version: string }).version).toBe(VERSION);
});
