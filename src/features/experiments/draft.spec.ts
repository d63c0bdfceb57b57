import { describe, expect, it } from 'vitest';

import { changesOf } from './draft';

describe('a draft of properties', () => {
  const record = {
    name: 'a',
    display_name: 'A',
    description: null,
    tags: { x: '1' },
    created_at: 0,
    created_by: '',
    modified_at: 0,
    modified_by: '',
    version: 3
  };

  const draft = (label: string, notes: string, tags: string) => ({
    label,
    notes,
    tags
  });

  it('sends what was changed and nothing else', () => {
    const same = draft('A', '', 'x = 1');
    expect(changesOf(same, record)).toEqual({});
    const label = ' ';
    expect(changesOf({ ...same, label }, record)).toEqual({
      display_name: null
    });
    expect(changesOf(draft('B', '# n', 'x = 2\ny'), record)).toEqual({
      display_name: 'B',
      description: '# n',
      tags: { x: '2', y: '' }
    });
  });
});
