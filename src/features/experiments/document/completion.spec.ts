import { describe, expect, it } from 'vitest';

import {
  accept,
  pastQueries,
  rememberQuery,
  toCharacters,
  toUnits,
  type Completion
} from './completion';

const reply = (start: number, end: number): Completion => ({
  start,
  end,
  options: [],
  error: null,
  error_start: null,
  error_end: null
});
const option = (text: string) =>
  ({ text, label: text, kind: 'field', detail: '' }) as const;

describe('a completed query', () => {
  it('has the option in the place of what was typed, and the caret behind it', () => {
    expect(
      accept('metrics.lo and x', reply(0, 10), option('metrics.loss'))
    ).toEqual({ text: 'metrics.loss and x', caret: 12 });
    expect(accept('met', reply(0, 3), option('metrics.loss'))).toEqual({
      text: 'metrics.loss ',
      caret: 13
    });
  });

  it('counts characters as the server does, not halves of them', () => {
    const text = 'tags.`🚀x` = 1';
    expect(toCharacters(text, 9)).toBe(8);
    expect(toUnits(text, 8)).toBe(9);
    const done = accept('🚀 me', reply(2, 4), option('metrics.a'));
    expect(done.text).toBe('🚀 metrics.a ');
    expect(done.caret).toBe(done.text.length);
  });
});

describe('queries sent before', () => {
  function storage() {
    const kept = new Map<string, string>();
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value)
    };
  }

  it('stand last first, each once, and thirty of them', () => {
    const box = storage();
    for (let i = 0; i < 40; i++) {
      rememberQuery(() => box, `q${i}`);
    }
    rememberQuery(() => box, 'q20');
    rememberQuery(() => box, '  ');
    const past = pastQueries(() => box);
    expect(past.slice(0, 3)).toEqual(['q20', 'q39', 'q38']);
    expect(past).toHaveLength(30);
  });

  it('are none where storage holds something else or is closed', () => {
    const box = storage();
    for (const odd of ['{', '3', '{"a":1}', '[1,null]']) {
      box.kept.set('mlstudio:queries', odd);
      expect(pastQueries(() => box)).toEqual([]);
    }
    const closed = {
      getItem: () => {
        throw new Error('closed');
      },
      setItem: () => {
        throw new Error('closed');
      }
    };
    expect(() => rememberQuery(() => closed, 'q')).not.toThrow();
    const blocked = (): Storage => {
      throw new Error('blocked');
    };
    expect(() => rememberQuery(blocked, 'q')).not.toThrow();
    expect(pastQueries(blocked)).toEqual([]);
  });
});
