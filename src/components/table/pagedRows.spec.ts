import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { testPage } from './page.fixture';
import { PAGE, PagedRows, type FetchPage } from './pagedRows';

const TOTAL = 50_000;

/** A server of 50,000 rows that remembers what it was asked. */
function server(): {
  fetch: FetchPage;
  asked: { offset: number; order: string[] }[];
} {
  const asked: { offset: number; order: string[] }[] = [];
  const fetch: FetchPage = ({ offset, limit, order }) => {
    asked.push({ offset, order });
    const desc = order[0]?.startsWith('-');
    const rows = Array.from({ length: limit }, (_, i) =>
      desc ? TOTAL - 1 - offset - i : offset + i
    );
    const page = testPage(
      rows.map(i => `r${i}`),
      { loss: rows.map(i => i / 10) },
      TOTAL,
      offset
    );
    return Promise.resolve(page);
  };
  return { fetch, asked };
}

const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(50);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('rows paged from the server', () => {
  it('are undefined until their page is here', async () => {
    const rows = new PagedRows(server().fetch, vi.fn(), TOTAL);
    expect(rows.cell(5, 'loss')).toBeUndefined();
    rows.ensure(0, 30);
    await settle();
    expect(rows.cell(5, 'loss')).toBe(0.5);
    expect(rows.nameAt(5)).toBe('r5');
    expect(rows.count).toBe(TOTAL);
    expect(rows.indexOf('r7')).toBe(7);
    expect(rows.indexOf('r30000')).toBe(-1);
  });

  it('read a page again that was on its way when columns were added', async () => {
    let columns = ['loss'];
    const asked: number[] = [];
    const fetch: FetchPage = async ({ offset, limit }) => {
      const had = columns;
      asked.push(offset);
      await new Promise(resolve => setTimeout(resolve, 100));
      const names = Array.from({ length: limit }, (_, i) => `r${offset + i}`);
      const values = Object.fromEntries(had.map(c => [c, names.map(() => 1)]));
      return testPage(names, values, TOTAL, offset);
    };
    const rows = new PagedRows(fetch, vi.fn(), TOTAL);
    rows.ensure(0, 30);
    columns = ['loss', 'acc'];
    rows.refresh();
    await vi.advanceTimersByTimeAsync(150);
    expect(rows.cell(0, 'loss')).toBe(1);
    await vi.advanceTimersByTimeAsync(150);
    expect(rows.cell(0, 'acc')).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual([0, 0]);
  });

  it('ask for each page once', async () => {
    const { fetch, asked } = server();
    const rows = new PagedRows(fetch, vi.fn(), TOTAL);
    rows.ensure(0, 30);
    rows.ensure(10, 40);
    await settle();
    rows.ensure(190, 230);
    await settle();
    expect(asked.map(a => a.offset)).toEqual([0, PAGE]);
  });

  it('keep the fifty pages used last', async () => {
    const rows = new PagedRows(server().fetch, vi.fn(), TOTAL);
    for (let n = 0; n < 52; n++) {
      rows.ensure(n * PAGE, n * PAGE + 1);
      await settle();
      rows.ensure(0, 1); // the first page is looked at all the time
    }
    expect(rows.nameAt(0)).toBe('r0');
    expect(rows.nameAt(PAGE)).toBeUndefined();
    expect(rows.nameAt(51 * PAGE)).toBe(`r${51 * PAGE}`);
  });

  it('are sorted by the server, and keep the old rows on the screen meanwhile', async () => {
    const { fetch, asked } = server();
    const rows = new PagedRows(fetch, vi.fn(), TOTAL);
    rows.ensure(0, 30);
    await settle();
    rows.sort([{ key: 'loss', desc: true }]);
    expect(rows.nameAt(0)).toBe('r0');
    await settle();
    expect(rows.nameAt(0)).toBe('r49999');
    expect(asked[asked.length - 1].order).toEqual(['-loss']);
  });

  it('patch a loaded row and read again for an unknown one', async () => {
    const { fetch, asked } = server();
    const rows = new PagedRows(fetch, vi.fn(), TOTAL);
    rows.ensure(0, 30);
    await settle();
    rows.patch('r3', { loss: 77 });
    await settle();
    expect(rows.cell(3, 'loss')).toBe(77);
    expect(asked).toHaveLength(1);
    rows.patch('unheard-of', { loss: 1 });
    await vi.advanceTimersByTimeAsync(2500);
    expect(asked).toHaveLength(2);
  });

  it('report a failed page and can be asked again', async () => {
    const failed = vi.fn();
    let broken = true;
    const good = server();
    const rows = new PagedRows(
      (ask, signal) =>
        broken ? Promise.reject(new Error('away')) : good.fetch(ask, signal),
      failed,
      TOTAL
    );
    rows.ensure(0, 30);
    await settle();
    expect(failed).toHaveBeenCalledTimes(1);
    broken = false;
    rows.ensure(0, 30);
    await settle();
    expect(rows.nameAt(0)).toBe('r0');
  });

  it('ignore an answer that comes after they were disposed', async () => {
    const rows = new PagedRows(server().fetch, vi.fn(), TOTAL);
    rows.ensure(0, 30);
    rows.dispose();
    await settle();
    expect(rows.nameAt(0)).toBeUndefined();
  });
});
