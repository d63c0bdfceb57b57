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

/** The fields of the draft that are not those of the record. */
export function changesOf(draft: IDraft, record: IRecord): object {
  const first = draftOf(record);
  return {
    ...(draft.label === first.label
      ? {}
      : { display_name: draft.label.trim() || null }),
    ...(draft.notes === first.notes
      ? {}
      : { description: draft.notes === '' ? null : draft.notes }),
    ...(draft.tags === first.tags ? {} : { tags: parseTags(draft.tags) })
  };
}
