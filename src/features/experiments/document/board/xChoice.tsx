/** What runs along x in curves: step, time, time since the start, or a metric. */
import * as React from 'react';

import type { XKind } from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { Choice } from './fields';

/** Metrics that are offered as x. */
const MOST = 100;

export function XChoice(props: {
  value: XKind | null;
  metrics: readonly string[];
  onValue(x: XKind): void;
}): JSX.Element {
  const { trans } = useStudio();
  const { value } = props;
  const metrics = props.metrics
    .slice(0, MOST)
    .map(name => `metric:${name}` as XKind);
  const other =
    value !== null && value.startsWith('metric:') && !metrics.includes(value)
      ? [value]
      : [];
  const options: (readonly [XKind | '', string])[] = [
    ...(value === null ? [['', trans.__('(several)')] as const] : []),
    ['step', trans.__('step')],
    ['relative', trans.__('since start')],
    ['time', trans.__('time')],
    ...[...other, ...metrics].map(x => [x, x.slice(7)] as const)
  ];
  return (
    <Choice
      label={trans.__('x')}
      value={value ?? ''}
      options={options}
      onValue={x => x !== '' && props.onValue(x)}
    />
  );
}
