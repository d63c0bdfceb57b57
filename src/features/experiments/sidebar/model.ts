/**
 * The experiments tree as a flat list of rows, and what keys do in it.
 *
 * Pure: rows from records, moves from rows. An experiment whose only trial is the default run
 * group of `mlstudio.run` shows its components directly: people who never asked for a trial
 * should not have to open one.
 */
import type {
  ComponentRecord,
  ExperimentRecord,
  TrialRecord
} from '../../../api/types';
import { shownStatus } from '../../../components/common/states';

export type NodeKind = 'experiment' | 'trial' | 'component' | 'note';

/** One row of the tree. */
export interface ITreeNode {
  /** Unique in the tree: a component may hang below several trials. */
  readonly key: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly label: string;
  /** 1 for experiments. */
  readonly level: number;
  readonly parent: string | null;
  /** undefined for a leaf. */
  readonly expanded?: boolean;
  readonly position: number;
  readonly siblings: number;
  readonly status?: string | null;
  readonly running: number;
  readonly count: number;
  readonly starred: boolean;
}

/** Trials of an experiment, components of a trial: how many the tree reads; the table shows all. */
export const CHILDREN = 500;

/** What the tree is made of; a missing key means "not read yet". */
export interface ITreeData {
  readonly experiments: readonly ExperimentRecord[];
  readonly trials: ReadonlyMap<string, readonly TrialRecord[]>;
  readonly components: ReadonlyMap<string, readonly ComponentRecord[]>;
  readonly expanded: ReadonlySet<string>;
}

export const experimentKey = (name: string): string => `e/${name}`;
export const trialKey = (name: string): string => `t/${name}`;
const GROUP = 'Default-Run-Group-';

/** The trial that stands for the experiment itself, if its trials are just that one. */
export function onlyGroup(
  experiment: string,
  trials: readonly TrialRecord[] | undefined
): TrialRecord | null {
  return trials?.length === 1 && trials[0].name === `${GROUP}${experiment}`
    ? trials[0]
    : null;
}

/** Trials whose components are visible, and so must be read. */
export function visibleTrials(data: Omit<ITreeData, 'components'>): string[] {
  return data.experiments
    .filter(one => data.expanded.has(experimentKey(one.name)))
    .flatMap(one => {
      const trials = data.trials.get(one.name);
      const group = onlyGroup(one.name, trials);
      return group
        ? [group.name]
        : (trials ?? [])
            .filter(trial => data.expanded.has(trialKey(trial.name)))
            .map(trial => trial.name);
    });
}

/** Starred first; otherwise the order of the server (newest first). */
export function starredFirst<T extends { starred?: boolean }>(
  items: readonly T[]
): T[] {
  return [
    ...items.filter(item => item.starred),
    ...items.filter(item => !item.starred)
  ];
}

function note(
  parent: string,
  level: number,
  name: 'loading' | 'none' | 'more'
): ITreeNode {
  return {
    key: `${parent}/${name}`,
    kind: 'note',
    name,
    label: '',
    level,
    parent,
    position: 1,
    siblings: 1,
    running: 0,
    count: 0,
    starred: false
  };
}

function componentRows(
  data: ITreeData,
  trial: string,
  parent: string,
  level: number
): ITreeNode[] {
  const components = data.components.get(trial);
  if (components === undefined || components.length === 0) {
    return [note(parent, level, components ? 'none' : 'loading')];
  }
  const rows = components.map((one, i): ITreeNode => ({
    key: `${parent}/c/${one.name}`,
    kind: 'component',
    name: one.name,
    label: one.display_name || one.name,
    level,
    parent,
    position: i + 1,
    siblings: components.length,
    status: shownStatus(one.status, one.start_time ?? null) ?? null,
    running: 0,
    count: 0,
    starred: one.starred ?? false
  }));
  return rows.length < CHILDREN ? rows : [...rows, note(parent, level, 'more')];
}

function trialRows(data: ITreeData, experiment: ExperimentRecord): ITreeNode[] {
  const parent = experimentKey(experiment.name);
  const trials = data.trials.get(experiment.name);
  const group = onlyGroup(experiment.name, trials);
  if (group) {
    return componentRows(data, group.name, parent, 2);
  }
  if (trials === undefined || trials.length === 0) {
    return [note(parent, 2, trials ? 'none' : 'loading')];
  }
  return trials.flatMap((trial, i) => {
    const key = trialKey(trial.name);
    const expanded = data.expanded.has(key);
    const row: ITreeNode = {
      key,
      kind: 'trial',
      name: trial.name,
      label: trial.display_name || trial.name,
      level: 2,
      parent,
      expanded,
      position: i + 1,
      siblings: trials.length,
      running: 0,
      count: trial.components ?? 0,
      starred: trial.starred ?? false
    };
    return expanded ? [row, ...componentRows(data, trial.name, key, 3)] : [row];
  });
}

/** The visible rows, top to bottom. */
export function rowsOf(data: ITreeData): ITreeNode[] {
  const experiments = starredFirst(data.experiments);
  return experiments.flatMap((one, i) => {
    const key = experimentKey(one.name);
    const expanded = data.expanded.has(key);
    const row: ITreeNode = {
      key,
      kind: 'experiment',
      name: one.name,
      label: one.display_name || one.name,
      level: 1,
      parent: null,
      expanded,
      position: i + 1,
      siblings: experiments.length,
      running: one.running ?? 0,
      count: one.components ?? 0,
      starred: one.starred ?? false
    };
    return expanded ? [row, ...trialRows(data, one)] : [row];
  });
}

/** What a key asks for. */
export type TreeMove =
  | { readonly do: 'focus' | 'open' | 'toggle'; readonly key: string }
  | {
      readonly do: 'command';
      readonly key: string;
      readonly command: 'rename' | 'delete';
    };

const focusOn = (row: ITreeNode | undefined): TreeMove | null =>
  row ? { do: 'focus', key: row.key } : null;

/** The ARIA tree pattern: what this key does when the row `current` has the focus. */
export function moveOf(
  rows: readonly ITreeNode[],
  current: string | null,
  key: string
): TreeMove | null {
  const at = Math.max(
    0,
    rows.findIndex(row => row.key === current)
  );
  const row = rows[at];
  if (row === undefined) {
    return null;
  }
  switch (key) {
    case 'ArrowDown':
      return focusOn(rows[at + 1]);
    case 'ArrowUp':
      return focusOn(rows[at - 1]);
    case 'Home':
      return focusOn(rows[0]);
    case 'End':
      return focusOn(rows[rows.length - 1]);
    case 'ArrowRight':
      if (row.expanded === false) {
        return { do: 'toggle', key: row.key };
      }
      return row.expanded ? focusOn(rows[at + 1]) : null;
    case 'ArrowLeft':
      if (row.expanded) {
        return { do: 'toggle', key: row.key };
      }
      return focusOn(rows.find(one => one.key === row.parent));
    case 'Enter':
      return row.kind === 'note' ? null : { do: 'open', key: row.key };
    case ' ':
      return row.expanded === undefined ? null : { do: 'toggle', key: row.key };
    case 'F2':
      return row.kind === 'note'
        ? null
        : { do: 'command', key: row.key, command: 'rename' };
    case 'Delete':
      return row.kind === 'note'
        ? null
        : { do: 'command', key: row.key, command: 'delete' };
    default:
      return typeAhead(rows, at, key);
  }
}

/** A letter moves to the next row that begins with it. */
function typeAhead(
  rows: readonly ITreeNode[],
  at: number,
  key: string
): TreeMove | null {
  if (key.length !== 1) {
    return null;
  }
  const wanted = key.toLocaleLowerCase();
  const order = [...rows.slice(at + 1), ...rows.slice(0, at)];
  return focusOn(
    order.find(row => row.label.toLocaleLowerCase().startsWith(wanted))
  );
}

/** What stands on a shelf. */
export interface IShelfData {
  readonly experiments: readonly ExperimentRecord[];
  readonly trials: readonly TrialRecord[];
  readonly components: readonly ComponentRecord[];
}

/** One record on a shelf. */
export interface IShelfRow {
  readonly kind: 'experiment' | 'trial' | 'component';
  readonly name: string;
  readonly label: string;
  /** The experiment that it is in; null for an experiment, and for what is in none. */
  readonly home: string | null;
  /** When it came here, in microseconds; null where that is not known. */
  readonly since: number | null;
  readonly status: ComponentRecord['status'] | null;
  readonly started: number | null;
}

/** Rows of a shelf: experiments, then trials, then components; run groups that nobody named are left out. */
export function shelfRows(
  data: IShelfData,
  shelf: 'starred' | 'archived' | 'deleted'
): IShelfRow[] {
  const row = (
    kind: IShelfRow['kind'],
    one: ExperimentRecord | TrialRecord | ComponentRecord,
    home: string | null
  ): IShelfRow => ({
    kind,
    name: one.name,
    label: one.display_name || one.name,
    home,
    since:
      shelf === 'deleted'
        ? (one.deleted_at ?? null)
        : shelf === 'archived'
          ? (one.archived_at ?? null)
          : null,
    status: 'status' in one ? one.status : null,
    started: 'start_time' in one ? (one.start_time ?? null) : null
  });
  const gone = new Set(data.experiments.map(one => `${GROUP}${one.name}`));
  return [
    ...data.experiments.map(one => row('experiment', one, null)),
    // It comes and goes with its experiment.
    ...data.trials
      .filter(one => !gone.has(one.name))
      .map(one => row('trial', one, one.experiment_name)),
    ...data.components.map(one =>
      row('component', one, (one.trials ?? [])[0]?.experiment_name ?? null)
    )
  ];
}
