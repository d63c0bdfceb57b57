/** What a comparison keeps over a reload and carries in its link. Pure; never throws. */
import type { JSONObject } from '@lumino/coreutils';

import { legalNames } from '../links';
import type { Direction } from './model';

/** How somebody looks at a comparison. */
export interface ICompareView {
  /** Components in their order; the first is the baseline. */
  readonly names: readonly string[];
  readonly tab: string;
  /** Only what differs. */
  readonly differences: boolean;
  /** Where the guess was wrong: which way a metric is better. */
  readonly directions: Readonly<Record<string, Direction>>;
  /** Whose code is held against the baseline's. */
  readonly other: string | null;
}

const DIRECTIONS: readonly unknown[] = ['min', 'max', 'none'];
/** A link is at most 8 KB. */
const MAX_DIRECTIONS = 50;

/** Read such a state; broken parts become their defaults. */
export function viewOf(state: JSONObject): ICompareView {
  const { tab, other, directions } = state;
  const given = Object.entries(
    typeof directions === 'object' && directions !== null ? directions : {}
  );
  return {
    names: legalNames(state.names),
    tab: typeof tab === 'string' ? tab : 'values',
    differences: state.differences === true,
    directions: Object.fromEntries(
      given
        .filter(([, value]) => DIRECTIONS.includes(value))
        .slice(-MAX_DIRECTIONS)
    ) as Record<string, Direction>,
    other: typeof other === 'string' ? other : null
  };
}
