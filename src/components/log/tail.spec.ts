import { describe, expect, it } from 'vitest';

import { LogTail } from './tail';
import type { ReadLog } from './tail';

/** A log on a server: a text that may grow, read by ranges; every request is remembered. */
class Far {
  constructor(public text: string) {}

  readonly asked: number[] = [];

  read: ReadLog = async (offset, limit) => {
    this.asked.push(offset);
    const data = new TextEncoder().encode(this.text);
    const from = offset < 0 ? Math.max(0, data.length + offset) : offset;
    return {
      data: data.subarray(from, from + limit),
      offset: from,
      total: data.length,
      dropped: 0
    };
  };
}

const push = (text: string, offset: number) => ({
  offset,
  data: new TextEncoder().encode(text)
});
const settle = (): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, 5));

async function opened(text: string): Promise<{ far: Far; tail: LogTail }> {
  const far = new Far(text);
  const tail = new LogTail(far.read, () => undefined);
  await tail.open();
  return { far, tail };
}

describe('the tail of a log', () => {
  it('adds pushed bytes that follow, without asking', async () => {
    const { far, tail } = await opened('one\n');
    tail.push(push('two\n', 4));
    await settle();
    expect(tail.text.lines).toEqual(['one', 'two']);
    expect(far.asked).toHaveLength(1);
  });

  it('takes only what is new of bytes that overlap, and nothing of old ones', async () => {
    const { tail } = await opened('one\n');
    tail.push(push('ne\ntwo\n', 1));
    tail.push(push('one\n', 0));
    await settle();
    expect(tail.text.lines).toEqual(['one', 'two']);
  });

  it('reads what is missing when bytes come from further on', async () => {
    const { far, tail } = await opened('one\n');
    far.text = 'one\ntwo\nthree\n';
    tail.push(push('three\n', 8));
    await settle();
    expect(tail.text.lines).toEqual(['one', 'two', 'three']);
    expect(far.asked[1]).toBe(4);
  });

  it('reads on when it is told only how long the log is, or to look again', async () => {
    const { far, tail } = await opened('one\n');
    far.text = 'one\ntwo\n';
    tail.push({ total: 8 });
    await settle();
    far.text = 'one\ntwo\nthree\n';
    await tail.refresh();
    expect(tail.text.lines).toEqual(['one', 'two', 'three']);
  });

  it.each([push('two\n', 4), { total: 8 }])(
    'reads what was told while the first read was on its way',
    async told => {
      const far = new Far('one\n');
      const tail = new LogTail(far.read, () => undefined);
      const opening = tail.open();
      far.text = 'one\ntwo\n';
      tail.push(told);
      await opening;
      expect(tail.text.lines).toEqual(['one', 'two']);
    }
  );

  it('begins a long log near its end at a whole line, and reads earlier lines on demand', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i}`);
    const { tail } = await opened(`${lines.join('\n')}\n`);
    expect(tail.start).toBeGreaterThan(0);
    expect(lines).toContain(tail.text.lines[0]);

    while (tail.start > 0) {
      await tail.earlier();
    }

    expect(tail.text.lines).toEqual(lines);
  });

  it('skips the middle of a log that ran far ahead', async () => {
    const { far, tail } = await opened('start\n');
    far.text = `start\n${'x'.repeat(99)}\n`.repeat(90_000);
    tail.push({ total: far.text.length });
    await settle();
    expect(tail.end).toBe(far.text.length);
    expect(far.asked).toHaveLength(2);
  });

  it('tells a failure and mends it at the next look', async () => {
    const { far, tail } = await opened('one\n');
    const { read } = far;
    far.read = async () => {
      throw new Error('away');
    };
    const broken = new LogTail(
      (...args) => far.read(...args),
      () => undefined
    );
    await broken.open();
    expect((broken.error as Error).message).toBe('away');

    far.read = read;
    await broken.refresh();

    expect(broken.error).toBeNull();
    expect(broken.text.lines).toEqual(tail.text.lines);
  });
});
