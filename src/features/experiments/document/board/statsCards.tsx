/** Cards that reckon: parameter importance (on the server) and correlations (here, in slices). */
import * as React from 'react';

import { toNumber } from '../../../../api/decode';
import type { Schemas } from '../../../../api/types';
import {
  correlationFigure,
  FigureNote,
  importanceFigure,
  numbersOf,
  PlotlyChart,
  spearman,
  useChartTheme,
  type IImportanceBar,
  type IMatrix
} from '../../../../components/charts';
import {
  Banner,
  formatNumber,
  useStudio,
  useThrottle
} from '../../../../components/common';
import { labelOf } from '../../../../components/table';
import { useBoard, type ICardProps } from './boardContext';
import type { ICorrelationCard, IImportanceCard } from './model';
import { correlationKeys, importanceKey } from './resolve';
import { useBlock } from './useBlock';

type Reply = Schemas['ImportanceReply'];

/** Below this a forest has not understood the metric. */
const TRUSTED = 0.2;
/** Rows that change ask for importance again at most so often. */
const AGAIN_MS = 15_000;

interface IAnswer {
  /** What was asked: an answer about another metric is none. */
  readonly of: string;
  readonly reply: Reply | null;
  readonly error: unknown;
}

/** How much parameters matter for a metric; renewed when rows come or go. */
export function useImportance(
  metric: string | null,
  visible: boolean
): { reply: Reply | null; error: unknown } {
  const { api } = useStudio();
  const { experiment, where = '', rows } = useBoard();
  const of = `${experiment}\n${metric}\n${where}`;
  const [answer, setAnswer] = React.useState<IAnswer | null>(null);
  const total = React.useSyncExternalStore(rows.subscribe, () => rows.total);
  const abort = React.useRef(new AbortController());
  const read = async (): Promise<void> => {
    const { signal } = abort.current;
    if (metric === null || !visible || signal.aborted) {
      return;
    }
    const query = {
      experiment,
      metric: metric.replace(/^metrics\./, ''),
      ...(where.trim() === '' ? {} : { where })
    };
    try {
      const params = { query };
      const { data } = await api.client.GET('/importances', { params, signal });
      if (!signal.aborted) {
        setAnswer({ of, reply: data ?? null, error: null });
      }
    } catch (error) {
      if (!signal.aborted) {
        setAnswer({ of, reply: null, error });
      }
    }
  };
  React.useEffect(() => {
    const own = (abort.current = new AbortController());
    void read();
    return () => own.abort();
  }, [api, of, visible]);
  const again = useThrottle(read, AGAIN_MS);
  const known = React.useRef(total);
  React.useEffect(() => {
    if (known.current !== total) {
      known.current = total;
      again();
    }
  }, [total, again]);
  return answer?.of === of ? answer : { reply: null, error: null };
}

export function ImportanceCard(
  props: ICardProps<IImportanceCard>
): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const theme = useChartTheme();
  const metric = importanceKey(props.card, choices.all);
  const { reply, error } = useImportance(metric, props.visible);
  const bars = React.useMemo(
    () =>
      (reply?.items ?? []).map(
        ({ param, importance, correlation }): IImportanceBar => ({
          param,
          importance: toNumber(importance),
          correlation: correlation === null ? null : toNumber(correlation)
        })
      ),
    [reply]
  );
  const figure = React.useMemo(
    () => importanceFigure(bars, theme),
    [bars, theme]
  );
  const title =
    metric === null
      ? trans.__('Importance')
      : trans.__('What matters for %1', labelOf(metric, trans).slice(0, 60));
  if (metric === null || reply === null || bars.length === 0) {
    return (
      <FigureNote title={title}>
        {error !== null ? (
          <Banner error={error} />
        ) : metric === null ? (
          trans.__('Importance needs a metric.')
        ) : reply === null ? (
          trans.__('Reckoning…')
        ) : (
          (reply.reason ?? trans.__('No parameter changes.'))
        )}
      </FigureNote>
    );
  }
  const score = reply.score === null ? null : toNumber(reply.score);
  return (
    <PlotlyChart
      title={title}
      summary={trans.__(
        '%1: first %2, of %3 parameters and %4 trials',
        title,
        bars[0].param.slice(0, 60),
        bars.length,
        reply.components
      )}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('No parameter changes.')}
      hint={hintOf(trans, score, reply.components)}
      values={() => [
        [trans.__('Parameter'), trans.__('Importance'), trans.__('Spearman')],
        ...bars.map(b => [
          b.param,
          String(b.importance),
          b.correlation === null ? '' : String(b.correlation)
        ])
      ]}
    />
  );
}

function hintOf(
  trans: ReturnType<typeof useStudio>['trans'],
  score: number | null,
  components: number
): string {
  const from = trans._n(
    'From %1 finished trial.',
    'From %1 finished trials.',
    components
  );
  if (score === null) {
    return from;
  }
  const shown = formatNumber(Number(score.toFixed(2)));
  return score < TRUSTED
    ? `${from} ${trans.__('The model explains little (R² %1): do not trust it.', shown)}`
    : `${from} ${trans.__('R² on unseen trials: %1.', shown)}`;
}

export function CorrelationCard(
  props: ICardProps<ICorrelationCard>
): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const theme = useChartTheme();
  const found = correlationKeys(props.card, choices.all);
  const foundKey = found.join('\n');
  const keys = React.useMemo(() => found, [foundKey]);
  const { block, error } = useBlock(keys, props.visible);
  const [matrix, setMatrix] = React.useState<IMatrix | null>(null);
  React.useEffect(() => {
    if (block === null || keys.length < 2) {
      return;
    }
    const abort = new AbortController();
    const columns = keys.map(key => block.column(key));
    void spearman(
      columns.map(c => numbersOf(c.cells)),
      abort.signal
    ).then(values => {
      if (values !== null) {
        const labels = columns.map(c => c.label);
        setMatrix({ rows: labels, columns: labels, values });
      }
    });
    return () => abort.abort();
  }, [block, keys]);
  const figure = React.useMemo(
    () => (matrix === null ? null : correlationFigure(matrix, theme)),
    [matrix, theme]
  );
  const title = trans.__('Correlations');
  if (matrix === null || figure === null || keys.length < 2) {
    return (
      <FigureNote title={title}>
        {error !== null ? (
          <Banner error={error} />
        ) : keys.length < 2 ? (
          trans.__('Correlations need two numeric columns.')
        ) : (
          trans.__('Reckoning…')
        )}
      </FigureNote>
    );
  }
  return (
    <PlotlyChart
      title={title}
      summary={trans.__(
        "%1: Spearman's rank correlation of %2 columns",
        title,
        matrix.rows.length
      )}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty={trans.__('Correlations need two numeric columns.')}
      values={() => [
        ['', ...matrix.columns],
        ...matrix.rows.map((label, i) => [
          label,
          ...matrix.values[i].map(v => (v === null ? '' : v.toFixed(4)))
        ])
      ]}
    />
  );
}
