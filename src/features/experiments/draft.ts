/** What can be changed in the properties of a record, and what was. Pure. */
import { parseTags, tagsText } from './tags';

/** What experiments, trials and components have in common. */
export interface IRecord {
  readonly name: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: number;
  readonly created_by: string;
  readonly modified_at: number;
  readonly modified_by: string;
  readonly version: number;
  readonly trials?: number | readonly unknown[];
  readonly components?: number;
}

/** What can be changed here. */
export interface IDraft {
  readonly label: string;
  readonly notes: string;
  readonly tags: string;
}

/** The fields as they are. */
export const draftOf = (record: IRecord): IDraft => ({
  label: record.display_name ?? '',
  notes: record.description ?? '',
  tags: tagsText(record.tags)
});

/** What is to be written; what is not in it stays. */
export interface IChanges {
  readonly display_name?: string | null;
  readonly description?: string | null;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The fields of the draft that are not those of the record. */
export function changesOf(draft: IDraft, record: IRecord): IChanges {
  const first = draftOf(record);
  return {
    ...(draft.label === first.label
      ? {}
      : { display_name: draft.label.trim() || null }),
    ...(draft.notes === first.notes
      ? {}
      : { description: draft.notes === '' ? null : draft.notes }),
    ...(draft.tags === first.tags
      ? {}
      : { tags: parseTags(draft.tags, record.tags) })
  };
}

type Tags = Readonly<Record<string, string>>;

/** The tags of `now` with what was changed from `seen` to `next`; `clash` where both changed one. */
function mergedTags(
  next: Tags,
  seen: Tags,
  now: Tags
): { tags: Tags; clash: boolean } {
  const keys = [...new Set([...Object.keys(seen), ...Object.keys(next)])];
  const changed = keys.filter(key => next[key] !== seen[key]);
  const tags = new Map(Object.entries(now));
  for (const key of changed) {
    if (next[key] === undefined) {
      tags.delete(key);
    } else {
      tags.set(key, next[key]);
    }
  }
  return {
    tags: Object.fromEntries(tags),
    clash: changed.some(key => now[key] !== seen[key] && now[key] !== next[key])
  };
}

/**
 * Changes that were made on `seen`, as changes of `now`: a run that logs, or somebody's other tag,
 * changed the record but not what is written here. `clash`: both changed the same.
 */
export function mergedChanges(
  changes: IChanges,
  seen: IRecord,
  now: IRecord
): { changes: IChanges; clash: boolean } {
  const clashes = (field: 'display_name' | 'description'): boolean =>
    field in changes &&
    now[field] !== seen[field] &&
    now[field] !== changes[field];
  const merged = changes.tags && mergedTags(changes.tags, seen.tags, now.tags);
  return {
    changes: merged ? { ...changes, tags: merged.tags } : changes,
    clash:
      clashes('display_name') ||
      clashes('description') ||
      merged?.clash === true
  };
}
