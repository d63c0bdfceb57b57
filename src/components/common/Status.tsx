/** A status as text and a shape; colour only repeats what the shape says. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useStudio } from './context';

/** Shapes in a box of 16: a clock, a ring that turns, a tick, a cross, a square, an open ring. */
const SHAPES: Record<string, React.ReactElement> = {
  Pending: (
    <g
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <circle cx="8" cy="8" r="6.25" />
      <path d="M8 4.5V8l2.3 1.6" />
    </g>
  ),
  InProgress: (
    <path
      d="M8 2a6 6 0 1 1-6 6"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    />
  ),
  Stopping: (
    <g>
      <path
        d="M8 2a6 6 0 1 1-6 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <rect x="6" y="6" width="4" height="4" fill="currentColor" />
    </g>
  ),
  Completed: (
    <g
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <circle cx="8" cy="8" r="6.25" />
      <path d="M5.2 8.2l2 2 3.7-4.2" />
    </g>
  ),
  Failed: (
    <g
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
    >
      <circle cx="8" cy="8" r="6.25" />
      <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" />
    </g>
  ),
  Stopped: (
    <g fill="none" stroke="currentColor" strokeWidth="1.75">
      <circle cx="8" cy="8" r="6.25" />
      <rect
        x="6"
        y="6"
        width="4"
        height="4"
        fill="currentColor"
        stroke="none"
      />
    </g>
  )
};
const OPEN = (
  <circle
    cx="8"
    cy="8"
    r="6.25"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeDasharray="2.5 2.5"
  />
);

/** The words for a status of a component or a job. */
export function statusText(
  status: string | null | undefined,
  trans: TranslationBundle
): string {
  switch (status) {
    case null:
    case undefined:
      return trans.__('Not started');
    case 'Pending':
      return trans.__('Pending');
    case 'InProgress':
      return trans.__('In progress');
    case 'Completed':
      return trans.__('Completed');
    case 'Failed':
      return trans.__('Failed');
    case 'Stopping':
      return trans.__('Stopping');
    case 'Stopped':
      return trans.__('Stopped');
    default:
      return status;
  }
}

interface IStatusProps {
  readonly status: string | null | undefined;
  /** Show the words beside the shape; otherwise they are its accessible name and tooltip. */
  readonly words?: boolean;
}

/** The status shape, with its words or with them as its name. */
export function Status(props: IStatusProps): React.ReactElement {
  const { trans } = useStudio();
  const { status, words = false } = props;
  const text = statusText(status, trans);
  return (
    <span className="jp-Mlstudio-status" data-status={status ?? 'None'}>
      <svg
        viewBox="0 0 16 16"
        width="14"
        height="14"
        {...(words
          ? { 'aria-hidden': true }
          : { role: 'img', 'aria-label': text })}
      >
        {!words && <title>{text}</title>}
        {SHAPES[status ?? ''] ?? OPEN}
      </svg>
      {words && <span>{text}</span>}
    </span>
  );
}
