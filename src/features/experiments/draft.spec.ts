import { describe, expect, it } from 'vitest';

import { changesOf, mergedChanges } from './draft';

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

  it('is written over what others changed beside it', () => {
    const seen = { ...record, tags: { x: '1', gone: '' } };
    const now = {
      ...seen,
      version: 9,
      display_name: 'theirs',
      tags: { x: '1', gone: '', new: '2' }
    };
    const changes = { description: 'mine', tags: { x: '5' } };
    expect(mergedChanges(changes, seen, now)).toEqual({
      changes: { description: 'mine', tags: { x: '5', new: '2' } },
      clash: false
    });
  });

  it.each([
    [{ description: 'mine' }, { description: 'theirs' }],
    [{ display_name: null }, { display_name: 'theirs' }],
    [{ tags: { x: '2' } }, { tags: { x: '3' } }],
    [{ tags: {} }, { tags: { x: '3' } }]
  ])('clashes where both changed the same: %j, %j', (changes, theirs) => {
    const now = { ...record, ...theirs } as typeof record;
    expect(mergedChanges(changes, record, now).clash).toBe(true);
  });

  it('does not clash where both wrote the same', () => {
    const now = { ...record, tags: { x: '2' } };
    expect(mergedChanges({ tags: { x: '2' } }, record, now).clash).toBe(false);
  });
});
