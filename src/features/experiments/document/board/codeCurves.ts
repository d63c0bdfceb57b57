/** The Python of a card of curves: every series by its exact points, alone or in groups. */
import { contextText } from '../../../../components/charts';
import type { ICodeContext } from './code';
import { py, type Literal } from './codeParts';
import type { CardOf } from './model';

type Card = CardOf<'curves'>;

/** How x and y come out of the points of one series. */
function readCode({ x, smooth }: Card): string[] {
  const other = x.startsWith('metric:') ? x.slice('metric:'.length) : null;
  const axis =
    other !== null
      ? [
          `    other = history(component, ${py(other)}, context)`,
          '    points = points.merge(other[["step", "value"]], on="step", suffixes=("", "_x")).sort_values("value_x")',
          '    x = points["value_x"]'
        ]
      : x === 'step'
        ? ['    x = points["step"]']
        : x === 'time'
          ? ['    x = points["timestamp"]']
          : [
              '    x = (points["timestamp"] - started(component)).dt.total_seconds()'
            ];
  const y =
    smooth > 0
      ? `points["value"].ewm(alpha=${py(Number((1 - smooth).toFixed(4)))}).mean()`
      : 'points["value"]';
  return [
    'def read(component, metric, context):',
    '    points = history(component, metric, context)',
    ...axis,
    `    return pd.Series(${y}.to_numpy(), index=pd.Index(x))`
  ];
}

const KINDS: Readonly<Record<string, string>> = {
  step: 'step',
  time: 'time',
  relative: 'seconds since start'
};

function axesCode(card: Card, title: string): string[] {
  const { x, metrics } = card;
  const xTitle = KINDS[x] ?? x.slice('metric:'.length);
  const clip = card.clip
    ? [
        'values = pd.concat([pd.Series(trace.y, dtype=float) for trace in figure.data])',
        card.logY
          ? 'low, high = np.log10(values[values > 0].quantile([0.01, 0.99]))'
          : 'low, high = values.quantile([0.01, 0.99])',
        'figure.update_yaxes(range=[low, high])'
      ]
    : [];
  return [
    `figure.update_layout(title=${py(title)})`,
    `figure.update_xaxes(title=${py(xTitle)}${card.logX && x !== 'time' ? ', type="log"' : ''})`,
    `figure.update_yaxes(title=${py(metrics.join(', '))}${card.logY ? ', type="log"' : ''})`,
    ...clip
  ];
}

export function curvesCode(card: Card, context: ICodeContext): string | null {
  const { series, groupOf, title } = context;
  if (series.length === 0) {
    return null;
  }
  const rows = series.flatMap((id): Literal[][] => {
    const group = groupOf === null ? '' : groupOf(id);
    const label = group === '' ? (id.label ?? id.component) : group;
    return label === undefined
      ? []
      : [[id.component, id.name, { ...id.context }, label]];
  });
  const metrics = new Set(series.map(id => id.name)).size > 1;
  const what = series.some(id => contextText(id.context) !== '') || metrics;
  return [
    ...(card.clip && card.logY ? ['import numpy as np'] : []),
    'import pandas as pd',
    'import plotly.graph_objects as go',
    ...(groupOf === null ? [] : ['from plotly.colors import qualitative']),
    'import mlstudio',
    `from mlstudio.experiments.history import history${card.x === 'relative' ? ', started' : ''}`,
    '',
    `# component, metric, context, ${groupOf === null ? 'label' : 'group'}`,
    'series = [',
    ...rows.map(row => `    (${row.map(py).join(', ')}),`),
    ']',
    '',
    '',
    ...readCode(card),
    '',
    '',
    'figure = go.Figure()',
    ...(groupOf === null ? singleCode(what) : groupCode(card)),
    ...axesCode(card, title)
  ].join('\n');
}

function singleCode(legend: boolean): string[] {
  return [
    'for component, metric, context, label in series:',
    '    try:',
    '        curve = read(component, metric, context)',
    '    except mlstudio.StudioError:',
    '        continue  # it did not log this',
    `    figure.add_scatter(x=curve.index, y=curve, mode="lines", name=label${legend ? ', showlegend=True' : ''})`
  ];
}

function groupCode(card: Card): string[] {
  const edges =
    card.band === 'range'
      ? ['    low, high = table.min(axis=1), table.max(axis=1)']
      : [
          '    spread = table.std(axis=1, ddof=0)',
          '    low, high = mean - spread, mean + spread'
        ];
  return [
    'groups = {}',
    'for component, metric, context, group in series:',
    '    try:',
    '        curve = read(component, metric, context)',
    '    except mlstudio.StudioError:',
    '        continue  # it did not log this',
    '    groups.setdefault(group, []).append(curve[~curve.index.duplicated()])',
    'for place, (group, curves) in enumerate(groups.items()):',
    '    color = qualitative.Plotly[place % len(qualitative.Plotly)]',
    '    table = pd.concat(curves, axis=1).sort_index()',
    '    table = table.interpolate("index", limit_area="inside")',
    '    mean = table.mean(axis=1)',
    ...edges,
    '    edge = {"mode": "lines", "line_width": 0, "showlegend": False, "hoverinfo": "skip"}',
    '    figure.add_scatter(x=table.index, y=low, **edge)',
    '    figure.add_scatter(x=table.index, y=high, fill="tonexty", fillcolor=f"rgba{(*[int(color[i:i + 2], 16) for i in (1, 3, 5)], 0.16)}", **edge)',
    '    figure.add_scatter(x=table.index, y=mean, mode="lines", line_color=color, name=f"{group} ({len(curves)})")'
  ];
}
