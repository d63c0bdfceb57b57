/** What the doctor found, in words: what it is, and what a button does about it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../../api/types';

export type Finding = Schemas['DoctorFinding'];

/** What a finding is about, by its code; its message says where and how much. */
export function titleOf(finding: Finding, trans: TranslationBundle): string {
  const titles: Readonly<Record<string, string>> = {
    unsafe_sqlite: trans.__('This SQLite can lose data'),
    network_filesystem: trans.__('The store is on a network disk'),
    copy_on_write: trans.__('The disk copies on write'),
    disk_full: trans.__('The disk is full'),
    low_space: trans.__('The disk is nearly full'),
    damaged: trans.__('The store is damaged'),
    store_too_new: trans.__('The store needs a newer mlstudio'),
    large_wal: trans.__('The write-ahead log is large'),
    permissions: trans.__('Others can read your store'),
    dead_journals: trans.__('Records of ended processes wait'),
    damaged_journals: trans.__('Journals cannot be read'),
    stuck_components: trans.__('Trials say they run and do not'),
    stuck_jobs: trans.__('Jobs run that nobody follows'),
    missing_artifacts: trans.__('Files of artifacts are missing'),
    changed_artifacts: trans.__('Files of artifacts were changed'),
    unreferenced_blobs: trans.__('Files that nothing needs'),
    run_logs: trans.__('Logs of runs that are gone'),
    free_pages: trans.__('The database has unused room')
  };
  return Object.hasOwn(titles, finding.code) ? titles[finding.code] : '';
}

/** What the repair's button says that it does. */
export function repairLabel(what: string, trans: TranslationBundle): string {
  const labels: Readonly<Record<string, string>> = {
    permissions: trans.__('Make it private'),
    journals: trans.__('Store them now'),
    components: trans.__('End them'),
    damaged_journals: trans.__('Put them aside'),
    changed_artifacts: trans.__('Put them aside'),
    blobs: trans.__('Remove them'),
    run_logs: trans.__('Remove them'),
    database: trans.__('Give it back')
  };
  return Object.hasOwn(labels, what) ? labels[what] : trans.__('Repair');
}

/** A piece of a hint: words, or a command between backticks. */
export interface IHintPart {
  readonly text: string;
  readonly command: boolean;
}

/** A hint in pieces; an odd backtick at the end is a backtick. */
export function hintParts(hint: string): IHintPart[] {
  const pieces = hint.split('`');
  if (pieces.length % 2 === 0) {
    return [{ text: hint, command: false }];
  }
  return pieces
    .map((text, i) => ({ text, command: i % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

/** The first command of a hint; null without one. */
export const commandOf = (hint: string): string | null =>
  hintParts(hint).find(part => part.command)?.text ?? null;
