import { describe, expect, it } from 'vitest';

import { viewOf } from './view';

describe('the state of a comparison', () => {
  it('comes back as it was', () => {
    const view = {
      names: ['b', 'a'],
      tab: 'media',
      differences: true,
      directions: { x: 'max' },
      other: 'a'
    };
    expect(viewOf(view)).toEqual(view);
  });

  it('falls back to defaults for what is broken', () => {
    expect(
      viewOf({
        names: ['a', 'a', '<b>', 3] as never,
        tab: 7,
        differences: 'yes',
        directions: { a: 'up', b: 'min' },
        other: {}
      })
    ).toEqual({
      names: ['a', '3'],
      tab: 'values',
      differences: false,
      directions: { b: 'min' },
      other: null
    });
    expect(viewOf({}).names).toEqual([]);
  });
});
