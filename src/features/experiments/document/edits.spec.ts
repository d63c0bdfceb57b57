import { describe, expect, it, vi } from 'vitest';

import { StudioError } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import { LocalRows } from '../../../components/table';
import type { IStudioApi } from '../../../tokens';
import { isTextKey, Records } from './edits';

/** A server with one record that others may change between our reading and our writing. */
function world() {
  const record = {
    name: 'run',
    description: 'old',
    tags: { team: 'a', stage: 'draft' },
    version: 1
  };
  let meanwhile: (() => void) | null = null;
  const api = {
    client: {
      GET: async () => ({ data: { ...record, tags: { ...record.tags } } }),
      PATCH: async (
        _: string,
        { body }: { body: { version?: number } & Partial<typeof record> }
      ) => {
        meanwhile?.();
        meanwhile = null;
        const { version, ...change } = body;
        if (version !== undefined && version !== record.version) {
          throw new StudioError('version_conflict', 'changed', 409);
        }
        Object.assign(record, change, { version: record.version + 1 });
        return { data: record };
      }
    },
    request: vi.fn(async () => new Response())
  };
  const rows = new LocalRows();
  rows.patch('run', { note: 'old', starred: 0 });
  rows.flush();
  return {
    record,
    rows,
    api,
    records: new Records(api as unknown as IStudioApi, () => rows),
    before: (act: () => void) => (meanwhile = act)
  };
}

const note = (base: string | null, next: string | null) =>
  ({ name: 'run', key: 'note', base, next }) as const;

describe('an edited text', () => {
  it('is shown at once and written with the version that its author saw', async () => {
    const { records, rows, record } = world();
    const saving = records.save(note('old', 'new'));
    rows.flush();
    expect(rows.cell(0, 'note')).toBe('new');
    expect(await saving).toBeNull();
    expect(record.description).toBe('new');
  });

  it('goes over a change of something else', async () => {
    const { records, record, before } = world();
    const seen = await records.read('run');
    before(() => Object.assign(record, { starred: true, version: 7 }));
    expect(await records.save(note('old', 'new'), seen)).toBeNull();
    expect(record).toMatchObject({ description: 'new', starred: true });
  });

  it('is not written over what somebody else wrote there: both are handed back', async () => {
    const { records, record, rows, before } = world();
    const seen = await records.read('run');
    before(() => Object.assign(record, { description: 'theirs', version: 7 }));
    const conflict = await records.save(note('old', 'mine'), seen);
    expect(conflict?.theirs).toBe('theirs');
    expect(record.description).toBe('theirs');
    rows.flush();
    expect(rows.cell(0, 'note')).toBe('theirs');
    const over = note('theirs', 'mine');
    expect(await records.save(over, conflict?.record)).toBeNull();
    expect(record.description).toBe('mine');
  });

  it('is no conflict when both wrote the same', async () => {
    const { records, record } = world();
    const seen = await records.read('run');
    Object.assign(record, { description: 'same', version: 7 });
    const fresh: ComponentRecord = { ...seen, description: 'same' };
    expect(await records.save(note('old', 'same'), fresh)).toBeNull();
  });

  it('is taken back when the server refuses it', async () => {
    const { records, rows, before } = world();
    before(() => {
      throw new StudioError('forbidden', 'no', 403);
    });
    await expect(records.save(note('old', 'new'))).rejects.toThrow('no');
    rows.flush();
    expect(rows.cell(0, 'note')).toBe('old');
  });
});

describe('a tag', () => {
  it('is set beside the others, also those that came meanwhile', async () => {
    const { records, record, before } = world();
    before(() =>
      Object.assign(record, { tags: { ...record.tags, x: '1' }, version: 9 })
    );
    expect(await records.tag('run', 'stage', 'best')).toBe('draft');
    expect(record.tags).toEqual({ team: 'a', stage: 'best', x: '1' });
  });

  it('is taken away', async () => {
    const { records, record } = world();
    await records.tag('run', 'stage', null);
    expect(record.tags).toEqual({ team: 'a' });
  });
});

describe('a row', () => {
  it('keeps its star only when the server does', async () => {
    const { records, rows, before } = world();
    await records.star('run', true);
    rows.flush();
    expect(rows.cell(0, 'starred')).toBe(1);
    before(() => {
      throw new StudioError('network', 'gone');
    });
    await expect(records.star('run', false)).rejects.toThrow();
    rows.flush();
    expect(rows.cell(0, 'starred')).toBe(1);
  });

  it('goes when it is archived or deleted', async () => {
    const { records, rows, api } = world();
    await records.remove('run');
    rows.flush();
    expect(rows.has('run')).toBe(false);
    expect(api.request).toHaveBeenCalledWith(
      'trial-components/run',
      expect.objectContaining({ method: 'DELETE' }),
      { force: '1' }
    );
  });
});

it('notes, names and tags are edited as text, and nothing else', () => {
  expect(['note', 'display_name', 'tags.x'].every(isTextKey)).toBe(true);
  expect(['name', 'params.x', 'starred'].some(isTextKey)).toBe(false);
});
