import { describe, expect, it } from 'vitest';

import { parseTags, tagsText } from './tags';

describe('tags as text', () => {
  it('come back as they were', () => {
    const tags = { best: '', 'a b': 'c = d', url: 'http://x?y=1' };
    expect(tagsText(tags)).toBe('a b = c = d\nbest\nurl = http://x?y=1');
    expect(parseTags(tagsText(tags))).toEqual(tags);
  });

  it('forgive blanks and repetitions', () => {
    expect(parseTags('\n  x=1 \r\nx = 2\n = lost\n\n<b>\n')).toEqual({
      x: '2',
      '<b>': ''
    });
    expect(parseTags('')).toEqual({});
  });

  it('are as they were where nobody touched their line', () => {
    const tags = { 'a=b': '', two: 'x\ny', c: '1' };
    const text = tagsText(tags).replace('c = 1', 'c = 2');
    expect(parseTags(text, tags)).toEqual({ ...tags, c: '2' });
    expect(parseTags('a=b')).toEqual({ a: 'b' });
  });

  it('keep one line a tag, whatever a value holds', () => {
    expect(tagsText({ a: 'x\ny' })).toBe('a = x y');
  });
});
