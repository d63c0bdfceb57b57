/** The list below a query box: what it holds, which line is chosen, when it is open. */
import * as React from 'react';

import { useStudio } from '../../../components/common';
import {
  accept,
  complete,
  pastQueries,
  type Completion,
  type Option
} from './completion';

/** A fast typist asks once. */
const WAIT_MS = 90;

/** One line of the list. */
export interface ILine {
  readonly label: string;
  readonly detail: string;
  readonly kind: Option['kind'] | 'past';
  /** The text and the caret after it was taken. */
  readonly text: string;
  readonly caret: number;
}

export interface ICompletion {
  readonly lines: readonly ILine[];
  readonly open: boolean;
  /** The chosen line, or -1. */
  readonly at: number;
  /** Ask what may stand at the caret. */
  ask(text: string, caret: number): void;
  move(by: number): void;
  close(): void;
}

function linesOf(text: string, reply: Completion): ILine[] {
  return reply.options.map(option => ({
    label: option.label,
    detail: option.detail,
    kind: option.kind,
    ...accept(text, reply, option)
  }));
}

const pastLines = (): ILine[] =>
  pastQueries(() => window.localStorage).map(text => ({
    label: text,
    detail: '',
    kind: 'past',
    text,
    caret: text.length
  }));

export function useCompletion(experiment: string): ICompletion {
  const { api } = useStudio();
  const [lines, setLines] = React.useState<readonly ILine[]>([]);
  const [at, setAt] = React.useState(-1);
  const [open, setOpen] = React.useState(false);
  const timer = React.useRef(0);
  const abort = React.useRef<AbortController | null>(null);
  const show = (next: readonly ILine[]): void => {
    setLines(next);
    setAt(-1);
    setOpen(next.length > 0);
  };
  const cancel = (): void => {
    window.clearTimeout(timer.current);
    abort.current?.abort();
  };
  React.useEffect(() => cancel, []);
  return {
    lines,
    open,
    at,
    ask: (text, caret) => {
      cancel();
      if (text === '') {
        const past = pastLines();
        if (past.length > 0) {
          show(past);
          return;
        }
      }
      const control = new AbortController();
      abort.current = control;
      timer.current = window.setTimeout(() => {
        complete(api, experiment, text, caret, control.signal).then(
          reply => {
            if (reply !== null && !control.signal.aborted) {
              show(linesOf(text, reply));
            }
          },
          () => undefined // Without completion the box is still a box.
        );
      }, WAIT_MS);
    },
    move: by => {
      if (lines.length > 0) {
        setOpen(true);
        setAt(
          now =>
            (now + by + lines.length + (now < 0 && by < 0 ? 1 : 0)) %
            lines.length
        );
      }
    },
    close: () => {
      cancel();
      setOpen(false);
      setAt(-1);
    }
  };
}
