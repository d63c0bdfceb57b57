/**
 * Changing records from the table: shown at once, taken back when it fails.
 *
 * Two people may edit the same thing. A change goes with the version that its author saw; when the
 * record has moved on, the change is made on the new one if the edited field is as it was, and
 * otherwise nothing is written and both texts are handed back.
 */
import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import type { ComponentRecord, Schemas } from '../../../api/types';
import type { Cells, IRowSource } from '../../../components/table';
import type { IStudioApi } from '../../../tokens';

/** A cell that can be edited as text. */
export type TextKey = 'note' | 'display_name' | `tags.${string}`;

/** Whether a column's cells are edited as text. */
export function isTextKey(key: string): key is TextKey {
  return key === 'note' || key === 'display_name' || key.startsWith('tags.');
}

/** A change of one text; null is none. */
export interface IEdit {
  readonly name: string;
  readonly key: TextKey;
  /** What its author saw. */
  readonly base: string | null;
  readonly next: string | null;
}

/** What stands there now, written by somebody else. */
export interface IConflict {
  readonly theirs: string | null;
  readonly record: ComponentRecord;
}

type Patch = Schemas['ComponentUpdate'];
const TRIES = 4;

/** The text of a record that a column shows. */
export function textOf(record: ComponentRecord, key: TextKey): string | null {
  if (key === 'note') {
    return record.description ?? null;
  }
  return key === 'display_name'
    ? (record.display_name ?? null)
    : (record.tags?.[key.slice(5)] ?? null);
}

function patchOf(record: ComponentRecord, edit: IEdit): Patch {
  const { key, next } = edit;
  const version = record.version;
  if (key === 'note') {
    return { description: next, version };
  }
  if (key === 'display_name') {
    return { display_name: next, version };
  }
  const { [key.slice(5)]: _old, ...others } = record.tags ?? {};
  const tags = next === null ? others : { ...others, [key.slice(5)]: next };
  return { tags, version };
}

const isConflict = (error: unknown): boolean =>
  asStudioError(error).code === 'version_conflict';

/** The records behind the rows of a table. */
export class Records {
  constructor(
    private readonly api: IStudioApi,
    private readonly rows: () => IRowSource | null
  ) {}

  async read(name: string): Promise<ComponentRecord> {
    const params = { path: { name } };
    const answer = await this.api.client.GET('/trial-components/{name}', {
      params
    });
    return unwrap(answer);
  }

  /**
   * Write a text where nobody else has written.
   *
   * @param record the record as its author saw it; read when absent.
   * @returns null when it was written.
   */
  async save(edit: IEdit, record?: ComponentRecord): Promise<IConflict | null> {
    const { name, key } = edit;
    this.show(name, { [key]: edit.next });
    try {
      let known = record ?? (await this.read(name));
      for (let left = TRIES; ; left--) {
        const theirs = textOf(known, key);
        if (theirs !== edit.base) {
          this.show(name, { [key]: theirs });
          return theirs === edit.next ? null : { theirs, record: known };
        }
        try {
          await this.patch(name, patchOf(known, edit));
          return null;
        } catch (error) {
          if (!isConflict(error) || left === 0) {
            throw error;
          }
          known = await this.read(name);
        }
      }
    } catch (error) {
      this.show(name, { [key]: edit.base });
      throw error;
    }
  }

  /** Set a tag, or take it away, whatever it was; returns what it was. */
  async tag(
    name: string,
    tag: string,
    next: string | null
  ): Promise<string | null> {
    for (let left = TRIES; ; left--) {
      const record = await this.read(name);
      const base = textOf(record, `tags.${tag}`);
      const edit: IEdit = { name, key: `tags.${tag}`, base, next };
      if ((await this.save(edit, record)) === null) {
        return base;
      }
      if (left === 0) {
        throw new Error(`the tags of ${name} change all the time`);
      }
    }
  }

  async star(name: string, starred: boolean): Promise<void> {
    this.show(name, { starred: starred ? 1 : 0 });
    try {
      await this.patch(name, { starred });
    } catch (error) {
      this.show(name, { starred: starred ? 0 : 1 });
      throw error;
    }
  }

  async archive(name: string, archived: boolean): Promise<void> {
    await this.patch(name, { archived });
    this.rows()?.remove(name);
  }

  async remove(name: string): Promise<void> {
    await this.send('DELETE', name);
    this.rows()?.remove(name);
  }

  async restore(name: string): Promise<void> {
    await this.send('POST', name, '/restore');
  }

  async purge(name: string): Promise<void> {
    await this.send('POST', name, '/purge', { confirm: name });
    this.rows()?.remove(name);
  }

  private show(name: string, cells: Cells): void {
    const rows = this.rows();
    if (rows?.has(name)) {
      rows.patch(name, cells);
    }
  }

  private async patch(name: string, body: Patch): Promise<void> {
    const params = { path: { name } };
    await this.api.client.PATCH('/trial-components/{name}', { params, body });
  }

  private async send(
    method: string,
    name: string,
    verb = '',
    body: object = {}
  ): Promise<void> {
    const force = method === 'DELETE' ? { force: '1' } : undefined;
    await this.api.request(
      `trial-components/${encodeURIComponent(name)}${verb}`,
      {
        method,
        body: method === 'DELETE' ? undefined : JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' }
      },
      force
    );
  }
}
