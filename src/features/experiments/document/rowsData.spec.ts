import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { TableRequest } from '../../../api/types';
import { groupOf, LocalRows, PagedRows } from '../../../components/table';
import type { IStudioApi } from '../../../tokens';
import { columnsOf } from './columnList';
import { RowsData } from './rowsData';
import { IN_BROWSER } from './rowsReader';

function b64(numbers: ArrayLike<number>): string {
  let text = '';
  new Uint8Array(Float64Array.from(numbers).buffer).forEach(byte => {
    text += String.fromCharCode(byte);
  });
  return btoa(text);
}

/** Time on the way to the server; a request that is given up fails. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) {
    await new Promise((resolve, reject) => {
      setTimeout(resolve, ms);
      signal.addEventListener('abort', () =>
        reject(new StudioError('aborted', 'aborted'))
      );
    });
  }
}

/** A server with `total` rows and one metric. */
function world(total: number, wait = 0) {
  const asked: TableRequest[] = [];
  let fails: unknown = null;
  const lists = { wait: 0, keys: ['name', 'metrics.loss.last'] };
  const api = {
    client: {
      GET: async (_: string, { signal }: { signal: AbortSignal }) => {
        await rest(lists.wait, signal);
        const items = lists.keys.map(key => ({
          key,
          group: groupOf(key),
          kind: groupOf(key) === 'metrics' ? 'float' : 'category',
          count: total
        }));
        return { data: { items } };
      },
      POST: async (
        _: string,
        { body, signal }: { body: TableRequest; signal: AbortSignal }
      ) => {
        asked.push(body);
        await rest(wait, signal);
        if (fails !== null) {
          throw fails;
        }
        const offset = body.offset ?? 0;
        const n = Math.max(0, Math.min(total - offset, body.limit ?? 200));
        const names = Array.from({ length: n }, (_, i) => `r${offset + i}`);
        const loss = names.map((_, i) => offset + i);
        return {
          data: {
            rows: n,
            total,
            offset,
            version: 1,
            uids: names,
            names,
            columns: [
              {
                key: 'metrics.loss.last',
                kind: 'float',
                b64: b64(loss),
                missing: btoa('\0'.repeat(Math.ceil(n / 8)))
              }
            ]
          }
        };
      }
    }
  } as unknown as IStudioApi;
  const data = new RowsData(api, 'mnist', () => undefined, {
    where: '',
    sort: [],
    filter: { text: '', names: null }
  });
  return { data, asked, lists, fail: (error: unknown) => (fails = error) };
}

const event = (type: string, data: unknown) => ({
  seq: 1,
  topic: 'experiment:mnist',
  type,
  data
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('rows of an experiment', () => {
  it('come with the first request when they are few', async () => {
    const { data, asked } = world(3);
    await data.load();
    expect(data.state.rows).toBeInstanceOf(LocalRows);
    expect(data.state.rows?.count).toBe(3);
    expect(asked).toHaveLength(1);
    expect(data.state.loading).toBe(false);
  });

  it('do not wait for a list of columns that takes long, and get its columns then', async () => {
    const { data, asked, lists } = world(3);
    lists.wait = 3000;
    const load = data.load();
    await vi.advanceTimersByTimeAsync(500);
    expect(data.state.rows?.count).toBe(3);
    expect(data.state.columns.map(c => c.key)).toContain('name');
    expect(asked).toHaveLength(1);
    expect(asked[0].columns).not.toContain('metrics.loss.last');
    await vi.advanceTimersByTimeAsync(3000);
    await load;
    await vi.advanceTimersByTimeAsync(0);
    expect(data.state.loading).toBe(false);
    expect(data.state.infos).toHaveLength(2);
    expect(asked.at(-1)?.columns).toContain('metrics.loss.last');
  });

  it('do not load for ever when somebody else gave their request up', async () => {
    const { data, fail } = world(3);
    fail(new StudioError('aborted', 'aborted'));
    await data.load();
    expect(data.state.loading).toBe(false);
    fail(null);
    await data.load();
    expect(data.state.rows?.count).toBe(3);
  });

  it('are shown in two hundreds first, then all', async () => {
    const { data, asked } = world(1000);
    await data.load();
    expect(asked.map(a => a.limit)).toEqual([200, IN_BROWSER]);
    expect(data.state.rows?.count).toBe(1000);
  });

  it('are paged above what a browser should hold', async () => {
    const { data } = world(IN_BROWSER + 1);
    await data.load();
    expect(data.state.rows).toBeInstanceOf(PagedRows);
    expect(data.state.rows?.count).toBe(IN_BROWSER + 1);
  });

  it('are patched by events, and grow by created ones', async () => {
    const { data, asked } = world(2);
    await data.load();
    data.onEvent(
      event('component.updated', {
        name: 'r1',
        cells: { 'metrics.loss.last': 0.5 }
      })
    );
    data.onEvent(
      event('component.created', { name: 'new', cells: { 'params.lr': 1 } })
    );
    data.onEvent(event('component.removed', { name: 'r0' }));
    await vi.advanceTimersByTimeAsync(100);
    const { rows } = data.state;
    expect(rows?.count).toBe(2);
    expect(rows?.cell(rows.indexOf('r1'), 'metrics.loss.last')).toBe(0.5);
    expect(data.state.columns.map(c => c.key)).toContain('params.lr');
    expect(asked).toHaveLength(1);
  });

  it.each(['the first', 'a later'])(
    'keep what events told while %s reading was on its way',
    async which => {
      const { data, asked } = world(2);
      if (which === 'a later') {
        await data.load();
      }
      const loading = data.load();
      const cells = { 'metrics.loss.last': 0.5 };
      data.onEvent(event('component.updated', { name: 'r1', cells }));
      data.onEvent(event('component.created', { name: 'new', cells }));
      data.onEvent(event('component.removed', { name: 'r0' }));
      await loading;
      await vi.advanceTimersByTimeAsync(100);
      const { rows } = data.state;
      expect(rows?.cell(rows.indexOf('r1'), 'metrics.loss.last')).toBe(0.5);
      expect([rows?.has('new'), rows?.has('r0')]).toEqual([true, false]);
      const before = asked.length;
      await data.load();
      expect(asked).toHaveLength(before + 1);
      expect(data.state.rows?.has('r0')).toBe(true);
    }
  );

  it('are read again, once, when only the server knows whether a row belongs', async () => {
    const { data, asked } = world(2);
    data.look('metrics.loss < 1', 'active');
    await vi.advanceTimersByTimeAsync(0);
    const before = asked.length;
    for (let i = 0; i < 20; i++) {
      data.onEvent(event('component.created', { name: `new-${i}`, cells: {} }));
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.length).toBe(before + 1);
    expect(data.state.rows?.count).toBe(2);
  });

  it('are read to the end by a slow server while events go on', async () => {
    const { data, asked } = world(2, 4000);
    data.look('metrics.loss < 1', 'active');
    for (let i = 0; i < 60; i++) {
      const cells = { 'metrics.loss.last': i };
      data.onEvent(event('component.updated', { name: 'r1', cells }));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(data.state.rows?.count).toBe(2);
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(9);
  });

  it('have the new columns even when a new query comes meanwhile', async () => {
    const { data, lists } = world(2);
    await data.load();
    lists.wait = 1000;
    lists.keys = ['name', 'params.fresh'];
    data.onEvent(event('columns.changed', {}));
    await vi.advanceTimersByTimeAsync(600);
    data.look('x = 1', 'active');
    await vi.advanceTimersByTimeAsync(2000);
    expect(data.state.columns.map(c => c.key)).toContain('params.fresh');
  });

  it('are left alone once the document is closed', async () => {
    const { data, asked } = world(2);
    await data.load();
    data.dispose();
    await data.load();
    expect(asked).toHaveLength(1);
  });

  it('stay when the query is wrong, which is told apart from other failures', async () => {
    const { data, fail } = world(2);
    await data.load();
    fail(
      new StudioError(
        'bad_query',
        'unknown field x at 1:1',
        400,
        'where',
        'did you mean y?'
      )
    );
    data.look('x = 1', 'active');
    await vi.advanceTimersByTimeAsync(0);
    expect(data.state.queryError?.message).toBe('unknown field x at 1:1');
    expect(data.state.error).toBeNull();
    expect(data.state.rows?.count).toBe(2);
    fail(new TypeError('Failed to fetch'));
    await data.load();
    expect(data.state.queryError).toBeNull();
    expect(data.state.error).toBeInstanceOf(TypeError);
  });

  it('ask for a statistic when it is needed, and once', async () => {
    const { data, asked } = world(2);
    await data.load();
    data.need(['metrics.loss.max', 'name', 'metrics.loss.last']);
    data.need(['metrics.loss.max']);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    expect(asked[1].columns).toEqual(['metrics.loss.max']);
  });

  it('bring what is needed before the first answer with it', async () => {
    const { data, asked } = world(2);
    data.need(['metrics.loss.min']);
    await data.load();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(1);
    expect(asked[0].columns).toContain('metrics.loss.min');
  });

  it('ignore events of unknown type and form', async () => {
    const { data } = world(1);
    await data.load();
    for (const odd of [null, 3, {}, { name: 5 }, { name: 'x', cells: null }]) {
      data.onEvent(event('component.updated', odd));
      data.onEvent(event('unheard.of', odd));
    }
    expect(data.state.rows?.count).toBe(1);
    data.dispose();
  });
});

describe('columns of an experiment', () => {
  it('have statistics of metrics beside their last value, and what events discovered', () => {
    const keys = columnsOf(
      [
        {
          key: 'metrics.loss.last',
          group: 'metrics',
          kind: 'float',
          count: 1,
          distinct: null,
          min: null,
          max: null
        }
      ],
      ['tags.team']
    ).map(c => c.key);
    expect(keys).toEqual([
      'metrics.loss.last',
      'tags.team',
      'metrics.loss.min',
      'metrics.loss.max',
      'metrics.loss.avg',
      'name'
    ]);
  });
});
