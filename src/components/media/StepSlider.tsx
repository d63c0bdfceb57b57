/** One slider over steps: arrows move it, so does the keyboard; it follows the newest until it is touched. */
import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { formatNumber, useStudio } from '../common';
import { indexAt } from './steps';

interface IStepSliderProps {
  readonly steps: readonly number[];
  /** null: the newest, whichever it is. */
  readonly step: number | null;
  readonly onStep: (step: number | null) => void;
  readonly label: string;
}

/** The slider; nothing where there is only one step. */
export function StepSlider(props: IStepSliderProps): React.ReactElement | null {
  const { trans } = useStudio();
  const { steps, onStep } = props;
  const at = indexAt(steps, props.step);
  if (steps.length < 2) {
    return null;
  }
  const last = steps.length - 1;
  const go = (index: number): void => {
    const next = Math.min(last, Math.max(0, index));
    // At the right end it follows what comes.
    onStep(next === last ? null : steps[next]);
  };
  const said = trans.__('step %1', formatNumber(steps[at]));
  return (
    <div className="jp-Mlstudio-steps">
      <button
        type="button"
        className="jp-Mlstudio-icon-button"
        aria-label={trans.__('Previous step')}
        disabled={at === 0}
        onClick={() => go(at - 1)}
      >
        <caretLeftIcon.react tag="span" elementSize="normal" />
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label={props.label}
        aria-valuetext={said}
        onChange={event => go(Number(event.target.value))}
      />
      <button
        type="button"
        className="jp-Mlstudio-icon-button"
        aria-label={trans.__('Next step')}
        disabled={at === last}
        onClick={() => go(at + 1)}
      >
        <caretRightIcon.react tag="span" elementSize="normal" />
      </button>
      <output className="jp-Mlstudio-steps-said">{said}</output>
    </div>
  );
}
