/** Rows of a comparison in words: what our own keys are called, and their values with units. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import {
  formatDuration,
  formatNumber,
  formatTime
} from '../../../components/common/format';
import {
  hardwareLabel,
  hardwareText,
  measureOf
} from '../../../components/common/measures';
import { shortKey, type CompareRow, type Value } from './model';

/** Keys that mlstudio itself writes; a user's parameter of the same name keeps its own. */
const OURS: ReadonlySet<CompareRow['group']> = new Set([
  'meta',
  'code',
  'environment'
]);

function words(trans: TranslationBundle): Readonly<Record<string, string>> {
  return {
    status: trans.__('Status'),
    kind: trans.__('Kind'),
    experiment: trans.__('Experiment'),
    trial: trans.__('Trial'),
    parent: trans.__('Part of'),
    created: trans.__('Created'),
    started: trans.__('Started'),
    ended: trans.__('Ended'),
    duration: trans.__('Duration'),
    user: trans.__('User'),
    host: trans.__('Host'),
    starred: trans.__('Starred'),
    note: trans.__('Note'),
    source: trans.__('Source'),
    python: trans.__('Python'),
    platform: trans.__('System'),
    git_commit: trans.__('Git commit'),
    git_remote: trans.__('Git remote'),
    git_dirty: trans.__('Uncommitted changes'),
    entrypoint: trans.__('Entry point'),
    notebook_path: trans.__('Notebook'),
    cell_id: trans.__('Cell'),
    argv: trans.__('Arguments')
  };
}

const HARDWARE = 'hardware.';
const VARIABLES = 'variables.';

/** What a row is called. */
export function rowLabel(
  row: Pick<CompareRow, 'group' | 'key'>,
  trans: TranslationBundle
): string {
  const key = shortKey(row);
  if (row.group === 'environment' && key.startsWith(HARDWARE)) {
    return hardwareLabel(key.slice(HARDWARE.length), trans);
  }
  if (row.group === 'environment' && key.startsWith(VARIABLES)) {
    return key.slice(VARIABLES.length);
  }
  if (row.group === 'metrics') {
    const name = key.replace(/\.last$/, '');
    return measureOf(name, trans)?.label ?? key;
  }
  const known = words(trans);
  return OURS.has(row.group) && Object.hasOwn(known, key) ? known[key] : key;
}

const TIMES = /^(created|started|ended)(_at)?$/;

/** A value as people read it. */
export function valueText(
  row: Pick<CompareRow, 'group' | 'key'>,
  value: Exclude<Value, null>,
  trans: TranslationBundle
): string {
  const key = shortKey(row);
  const ours = OURS.has(row.group);
  if (typeof value === 'boolean' && ours) {
    return value ? trans.__('yes') : trans.__('no');
  }
  if (typeof value === 'number') {
    return !ours
      ? formatNumber(value)
      : TIMES.test(key)
        ? formatTime(value)
        : key === 'duration'
          ? formatDuration(value * 1000)
          : formatNumber(value);
  }
  return row.group === 'environment' && key.startsWith(HARDWARE)
    ? hardwareText(key.slice(HARDWARE.length), String(value))
    : String(value);
}
