import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Pacer } from './pacer';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('charts are drawn one a frame, each once however often it asked', () => {
  const order: string[] = [];
  const [a, b] = ['a', 'b'].map(name => new Pacer(() => order.push(name)));
  a.ask();
  a.ask();
  b.ask();
  a.ask();
  vi.advanceTimersByTime(17);
  expect(order).toEqual(['a']);
  vi.advanceTimersByTime(17);
  expect(order).toEqual(['a', 'b']);
  vi.advanceTimersByTime(500);
  expect(order).toEqual(['a', 'b']);
  a.dispose();
  b.dispose();
});

it('a chart that is dear to draw rests, and lets others go first', () => {
  const order: string[] = [];
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const dear = new Pacer(() => {
    order.push('dear');
    now += 100;
  });
  const cheap = new Pacer(() => order.push('cheap'));
  dear.ask();
  vi.advanceTimersByTime(20);
  expect(order).toEqual(['dear']);
  dear.ask();
  cheap.ask();
  vi.advanceTimersByTime(40);
  expect(order).toEqual(['dear', 'cheap']);
  now = 301;
  vi.advanceTimersByTime(40);
  expect(order).toEqual(['dear', 'cheap', 'dear']);
  dear.dispose();
  cheap.dispose();
});

it('a chart that is gone is not drawn', () => {
  const draw = vi.fn();
  const pacer = new Pacer(draw);
  pacer.ask();
  pacer.dispose();
  pacer.ask();
  vi.advanceTimersByTime(100);
  expect(draw).not.toHaveBeenCalled();
});

it('a chart that somebody waits for does not rest', () => {
  let drawn = 0;
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const dear = new Pacer(() => {
    drawn += 1;
    now += 100;
  });
  dear.ask();
  vi.advanceTimersByTime(20);
  dear.ask();
  vi.advanceTimersByTime(40);
  expect(drawn).toBe(1);
  dear.ask(true);
  vi.advanceTimersByTime(20);
  expect(drawn).toBe(2);
  dear.ask(true);
  vi.advanceTimersByTime(20);
  expect(drawn).toBe(3);
  dear.dispose();
});
