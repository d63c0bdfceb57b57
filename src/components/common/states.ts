/** What a status means for what is shown. Pure. */

/** Whether something in this status may still change by itself. */
export function isRunning(status: string | null | undefined): boolean {
  return status === 'InProgress' || status === 'Stopping';
}

/**
 * The status to show: what is in progress and never started waits for its turn.
 *
 * `started` is undefined where nobody knows.
 */
export function shownStatus(
  status: string | null | undefined,
  started: unknown
): string | null | undefined {
  return status === 'InProgress' && started === null ? 'Pending' : status;
}
