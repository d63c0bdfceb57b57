/** ROC and precision-recall curves of several runs over each other, or confusion matrices one by one. */
import * as React from 'react';

import {
  confusionFigure,
  FigureNote,
  overlayFigure,
  palette,
  PlotlyChart,
  useChartTheme
} from '../../../../components/charts';
import { Banner, useStudio } from '../../../../components/common';
import type {
  IStored,
  IStoredCurve,
  IStoredMatrix
} from '../../../../components/plots/stored';
import { readStored } from './artifactData';
import { useBoard, type ICardProps } from './boardContext';
import type { ArtifactPlot, IArtifactCard } from './model';

const MOST_RUNS = 12;

interface IFound {
  readonly run: string;
  readonly plot: IStored;
}

function useStored(
  runs: readonly string[],
  what: ArtifactPlot,
  name: string | null,
  visible: boolean
): { found: readonly IFound[] | null; error: unknown } {
  const { api } = useStudio();
  const { rows } = useBoard();
  const of = `${what}\n${name}`;
  const [state, setState] = React.useState<{
    /** What was asked: curves of another kind are none of this. */
    of: string;
    found: readonly IFound[] | null;
    error: unknown;
  }>({ of, found: null, error: null });
  // What a run stores comes with its end, mostly: then it is looked for again.
  const ended = React.useSyncExternalStore(rows.subscribe, () =>
    runs
      .slice(0, MOST_RUNS)
      .map(run => rows.cell(rows.indexOf(run), 'status'))
      .join()
  );
  React.useEffect(() => {
    if (!visible) {
      return;
    }
    const abort = new AbortController();
    Promise.all(
      runs.slice(0, MOST_RUNS).map(async run => ({
        run,
        plot: await readStored(api, run, what, name, abort.signal)
      }))
    ).then(
      all =>
        !abort.signal.aborted &&
        setState({
          of,
          found: all.flatMap(({ run, plot }) =>
            plot === null ? [] : [{ run, plot }]
          ),
          error: null
        }),
      (error: unknown) =>
        !abort.signal.aborted && setState({ of, found: null, error })
    );
    return () => abort.abort();
  }, [api, runs, of, visible, ended]);
  return state.of === of ? state : { found: null, error: null };
}

export function ArtifactCard(props: ICardProps<IArtifactCard>): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  const { runs, rows } = useBoard();
  const { found, error } = useStored(runs, card.what, card.name, props.visible);
  const title = {
    roc: trans.__('ROC curves'),
    pr: trans.__('Precision and recall'),
    confusion: trans.__('Confusion matrix')
  }[card.what];
  if (found === null || found.length === 0) {
    return (
      <FigureNote title={title}>
        {error !== null ? (
          <Banner error={error} />
        ) : found === null ? (
          trans.__('Loading chart…')
        ) : (
          trans.__(
            'None of the drawn runs stored one (log_roc_curve, log_precision_recall, log_confusion_matrix).'
          )
        )}
      </FigureNote>
    );
  }
  const labels = found.map(({ run }) => rows.labelOf(run));
  const matrices = found.flatMap(({ plot }) =>
    plot.kind === 'matrix' ? [plot] : []
  );
  return matrices.length === found.length ? (
    <Matrices {...props} title={title} labels={labels} matrices={matrices} />
  ) : (
    <Overlay {...props} title={title} labels={labels} found={found} />
  );
}

function Overlay(
  props: ICardProps<IArtifactCard> & {
    title: string;
    labels: readonly string[];
    found: readonly IFound[];
  }
): JSX.Element {
  const { found, labels, title, card } = props;
  const { trans } = useStudio();
  const theme = useChartTheme();
  const roc = card.what === 'roc';
  const curves = found.map(({ run, plot }, i) => ({
    run,
    label: labels[i],
    plot: plot as IStoredCurve
  }));
  const figure = React.useMemo(
    () =>
      overlayFigure(
        curves.map(({ run, label, plot }) => ({
          label,
          color: theme.series[palette.styleOf(run).slot - 1],
          ...plot
        })),
        roc,
        theme
      ),
    [found, theme, roc]
  );
  const [x, y] = roc
    ? [trans.__('False positive rate'), trans.__('True positive rate')]
    : [trans.__('Recall'), trans.__('Precision')];
  return (
    <PlotlyChart
      title={title}
      summary={trans._n('%2: %1 run', '%2: %1 runs', curves.length, title)}
      figure={figure}
      height={props.height}
      visible={props.visible}
      trans={trans}
      empty=""
      values={() => [
        [trans.__('Run'), x, y],
        ...curves.flatMap(({ label, plot }) =>
          plot.x.map((v, i) => [label, String(v), String(plot.y[i])])
        )
      ]}
    />
  );
}

/** One matrix at a time; which run's is chosen under it. */
function Matrices(
  props: ICardProps<IArtifactCard> & {
    title: string;
    labels: readonly string[];
    matrices: readonly IStoredMatrix[];
  }
): JSX.Element {
  const { matrices, labels } = props;
  const { trans } = useStudio();
  const theme = useChartTheme();
  const [chosen, setChosen] = React.useState(0);
  const at = Math.min(chosen, matrices.length - 1);
  const matrix = matrices[at];
  const figure = React.useMemo(
    () =>
      confusionFigure(
        { rows: matrix.labels, columns: matrix.labels, values: matrix.values },
        theme
      ),
    [matrix, theme]
  );
  const right = matrix.values.reduce((n, row, i) => n + row[i], 0);
  const total = matrix.values.flat().reduce((n, v) => n + v, 0);
  const share = total === 0 ? '–' : `${((100 * right) / total).toFixed(1)} %`;
  return (
    <>
      <PlotlyChart
        title={props.title}
        summary={trans.__('%1 of %2: %3 right', props.title, labels[at], share)}
        figure={figure}
        height={props.height}
        visible={props.visible}
        trans={trans}
        empty=""
        hint={trans.__(
          'Rows are true labels, columns predicted ones; %1 right.',
          share
        )}
        values={() => [
          ['', ...matrix.labels],
          ...matrix.labels.map((label, i) => [
            label,
            ...matrix.values[i].map(String)
          ])
        ]}
      />
      {matrices.length > 1 && (
        <label className="jp-Mlstudio-field">
          <span>{trans.__('Run')}</span>
          <select
            className="jp-Mlstudio-select"
            value={at}
            onChange={event => setChosen(Number(event.target.value))}
          >
            {labels.map((label, i) => (
              <option key={i} value={i}>
                {label.slice(0, 60)}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
