/**
 * The Python that draws a card again with plotly, through the public SDK.
 *
 * Only what the user sees is written: names and queries as Python literals, never as code. The
 * texts in `tests/board/golden` are made by this module and run by pytest.
 */
import type { ISeriesId } from '../../../../components/charts';
import type { IColumn } from '../../../../components/table';
import { curvesCode } from './codeCurves';
import { comment, frameCode, py } from './codeParts';
import type { ArtifactPlot, CardOf, ICard } from './model';
import {
  barKeys,
  boxKeys,
  contourKeys,
  correlationKeys,
  importanceKey,
  parallelKeys,
  scatterKeys
} from './resolve';

/** What the code of a card must know of its board. */
export interface ICodeContext {
  readonly experiment: string;
  /** The table's query. */
  readonly where: string;
  readonly title: string;
  /** Rows by name when they are few and filtered by hand; null is all that the query finds. */
  readonly names: readonly string[] | null;
  /** Runs whose curves are drawn, with their labels. */
  readonly runs: readonly (readonly [string, string])[];
  /** The series of a card of curves, and the group of each. */
  readonly series: readonly ISeriesId[];
  readonly groupOf: ((id: ISeriesId) => string | undefined) | null;
  readonly columns: readonly IColumn[];
  /** Whether a column is read on a log scale when nobody said. */
  spans(key: string): boolean;
}

/** Python; empty where there is nothing to draw. */
export function codeOf(card: ICard, context: ICodeContext): string {
  const body = bodyOf(card, context);
  return body === null ? '' : `${comment(context.title)}\n${body}\nfigure\n`;
}

function bodyOf(card: ICard, context: ICodeContext): string | null {
  switch (card.kind) {
    case 'curves':
      return curvesCode(card, context);
    case 'scatter':
      return scatterCode(card, context);
    case 'bar':
      return barCode(card, context);
    case 'box':
      return boxCode(card, context);
    case 'contour':
      return contourCode(card, context);
    case 'parallel':
      return parallelCode(card, context);
    case 'importance':
      return importanceCode(card, context);
    case 'correlation':
      return correlationCode(card, context);
    case 'artifact':
      return artifactCode(card.what, context);
    case 'section':
      return null;
  }
}

function scatterCode(
  card: CardOf<'scatter'>,
  context: ICodeContext
): string | null {
  const keys = scatterKeys(card, context.columns);
  if (keys === null) {
    return null;
  }
  const { x, y, color, size } = keys;
  const all = [x, y, color, size].flatMap(key => key ?? []);
  const logX = card.logX ?? context.spans(x);
  const logY = card.logY ?? context.spans(y);
  const more = [
    ...(color === null ? [] : [`color=${py(color)}`]),
    ...(size === null ? [] : [`size=${py(size)}`]),
    ...(logX ? ['log_x=True'] : []),
    ...(logY ? ['log_y=True'] : []),
    `title=${py(context.title)}`
  ];
  const need = [x, y, size].flatMap(key => key ?? []);
  return [
    ...(card.trend ? ['import numpy as np'] : []),
    'import plotly.express as px',
    '',
    frameCode(all, context),
    `frame = frame.dropna(subset=${py([...new Set(need)])})`,
    `figure = px.scatter(frame.reset_index(), x=${py(x)}, y=${py(y)}, hover_name="component", ${more.join(', ')})`,
    ...(card.trend ? trendCode(x, y, logX, logY) : [])
  ].join('\n');
}

function trendCode(
  x: string,
  y: string,
  logX: boolean,
  logY: boolean
): string[] {
  const seen = (key: string, log: boolean): string =>
    log
      ? `np.log10(frame[${py(key)}].astype(float))`
      : `frame[${py(key)}].astype(float)`;
  const shown = (name: string, log: boolean): string =>
    log ? `10**${name}` : name;
  return [
    '',
    `x, y = ${seen(x, logX)}, ${seen(y, logY)}`,
    'slope, start = np.polyfit(x, y, 1)',
    'ends = np.array([x.min(), x.max()])',
    'line = start + slope * ends',
    `figure.add_scatter(x=${shown('ends', logX)}, y=${shown('line', logY)}, mode="lines", name="least squares")`
  ];
}

function barCode(card: CardOf<'bar'>, context: ICodeContext): string | null {
  const keys = barKeys(card, context.columns);
  if (keys === null) {
    return null;
  }
  const { y, by } = keys;
  const head = 'import plotly.express as px';
  if (by === null) {
    return [
      head,
      '',
      frameCode([y], context),
      `figure = px.bar(frame.dropna().reset_index(), x="component", y=${py(y)}, title=${py(context.title)})`
    ].join('\n');
  }
  const errors = {
    none: [],
    std: ['groups["up"] = groups["down"] = groups["std"]'],
    range: [
      'groups["up"] = groups["max"] - groups["mean"]',
      'groups["down"] = groups["mean"] - groups["min"]'
    ]
  }[card.error];
  const more =
    card.error === 'none' ? '' : 'error_y="up", error_y_minus="down", ';
  return [
    head,
    '',
    frameCode([by, y], context),
    `groups = frame.dropna().groupby(${py(by)})[${py(y)}].agg(["mean", "min", "max", lambda v: v.std(ddof=0)])`,
    'groups.columns = ["mean", "min", "max", "std"]',
    ...errors,
    'groups.index = groups.index.astype(str)',
    `figure = px.bar(groups.reset_index(), x=${py(by)}, y="mean", ${more}title=${py(context.title)})`
  ].join('\n');
}

function boxCode(card: CardOf<'box'>, context: ICodeContext): string | null {
  const keys = boxKeys(card, context.columns);
  return keys === null
    ? null
    : [
        'import plotly.express as px',
        '',
        frameCode([keys.by, keys.y], context),
        'frame = frame.dropna().reset_index()',
        `frame[${py(keys.by)}] = frame[${py(keys.by)}].astype(str)`,
        `figure = px.box(frame, x=${py(keys.by)}, y=${py(keys.y)}, hover_name="component", title=${py(context.title)})`
      ].join('\n');
}

function contourCode(
  card: CardOf<'contour'>,
  context: ICodeContext
): string | null {
  const keys = contourKeys(card, context.columns);
  if (keys === null) {
    return null;
  }
  const { x, y, z } = keys;
  const axis = (name: string, key: string): string[] =>
    context.spans(key)
      ? [
          `${name} = np.log10(frame[${py(key)}].to_numpy())`,
          `grid_${name} = np.linspace(${name}.min(), ${name}.max(), 40)`
        ]
      : [
          `${name} = frame[${py(key)}].to_numpy()`,
          `grid_${name} = np.linspace(${name}.min(), ${name}.max(), 40)`
        ];
  const shown = (name: string, key: string): string =>
    context.spans(key) ? `10**${name}` : name;
  const type = (key: string): string =>
    context.spans(key) ? 'type="log", ' : '';
  return [
    'import numpy as np',
    'import plotly.graph_objects as go',
    '',
    frameCode([x, y, z], context),
    'frame = frame.dropna().astype(float)',
    ...axis('x', x),
    ...axis('y', y),
    `z = frame[${py(z)}].to_numpy()`,
    'span_x, span_y = np.ptp(x) or 1, np.ptp(y) or 1',
    'far_x = (grid_x[None, :, None] - x) / span_x',
    'far_y = (grid_y[:, None, None] - y) / span_y',
    'square = far_x**2 + far_y**2',
    'weight = 1 / (square**2 + 1e-7)',
    'value = (weight * z).sum(axis=2) / weight.sum(axis=2)',
    'value[square.min(axis=2) > 0.25**2] = np.nan',
    'figure = go.Figure(',
    `    go.Contour(x=${shown('grid_x', x)}, y=${shown('grid_y', y)}, z=value, contours_coloring="heatmap", colorbar_title=${py(z)})`,
    ')',
    `figure.add_scatter(x=${shown('x', x)}, y=${shown('y', y)}, mode="markers", text=frame.index, marker_color="white")`,
    `figure.update_xaxes(${type(x)}title=${py(x)})`,
    `figure.update_yaxes(${type(y)}title=${py(y)})`,
    `figure.update_layout(title=${py(context.title)})`
  ].join('\n');
}

function parallelCode(
  card: CardOf<'parallel'>,
  context: ICodeContext
): string | null {
  const { axes, color } = parallelKeys(card, context.columns);
  return axes.length < 2
    ? null
    : [
        'import pandas as pd',
        'import plotly.graph_objects as go',
        '',
        frameCode(axes, context),
        'dimensions = []',
        `for key in ${py(axes)}:`,
        '    values = frame[key]',
        '    if pd.api.types.is_numeric_dtype(values):',
        '        dimensions.append({"label": key, "values": values})',
        '        continue',
        '    codes = values.astype(str).astype("category")',
        '    names = list(codes.cat.categories)',
        '    ticks = {"tickvals": list(range(len(names))), "ticktext": names}',
        '    dimensions.append({"label": key, "values": codes.cat.codes, **ticks})',
        color === null
          ? 'line = {}'
          : `line = {"color": pd.factorize(frame[${py(color)}])[0] if frame[${py(color)}].dtype == object else frame[${py(color)}], "colorscale": "Viridis", "showscale": True}`,
        'figure = go.Figure(go.Parcoords(dimensions=dimensions, line=line))',
        `figure.update_layout(title=${py(context.title)})`
      ].join('\n');
}

function importanceCode(
  card: CardOf<'importance'>,
  context: ICodeContext
): string | null {
  const key = importanceKey(card, context.columns);
  if (key === null) {
    return null;
  }
  const where =
    context.where.trim() === '' ? '' : `, where=${py(context.where.trim())}`;
  return [
    'import mlstudio',
    'import pandas as pd',
    'import plotly.express as px',
    'from mlstudio.entities.comparison import ImportanceQuery',
    'from mlstudio.experiments.importance import importances',
    '',
    `query = ImportanceQuery(experiment=${py(context.experiment)}, metric=${py(key.replace(/^metrics\./, ''))}${where})`,
    'reply = importances(mlstudio.open_store(), query)',
    'rows = [(item.param, item.importance, item.correlation) for item in reply.items]',
    'frame = pd.DataFrame(rows, columns=["parameter", "importance", "correlation"])',
    `figure = px.bar(frame, x="importance", y="parameter", orientation="h", title=${py(context.title)})`,
    'figure.update_yaxes(autorange="reversed")'
  ].join('\n');
}

function correlationCode(
  card: CardOf<'correlation'>,
  context: ICodeContext
): string | null {
  const keys = correlationKeys(card, context.columns);
  return keys.length < 2
    ? null
    : [
        'import plotly.express as px',
        '',
        frameCode(keys, context),
        'table = frame.astype(float).corr(method="spearman")',
        `figure = px.imshow(table, zmin=-1, zmax=1, text_auto=".2f", color_continuous_scale="RdBu", title=${py(context.title)})`
      ].join('\n');
}

function artifactCode(what: ArtifactPlot, context: ICodeContext): string {
  const { type, x, y } = {
    roc: { type: 'ROCCurve', x: 'falsePositiveRate', y: 'truePositiveRate' },
    pr: { type: 'PrecisionRecallCurve', x: 'recall', y: 'precision' },
    confusion: { type: 'ConfusionMatrix', x: '', y: '' }
  }[what];
  const draw =
    what === 'confusion'
      ? [
          '            labels = document.get("labels")',
          '            figure = px.imshow(document["confusionMatrix"], x=labels, y=labels, text_auto=True, title=label)'
        ]
      : [
          `            figure.add_scatter(x=document[${py(x)}], y=document[${py(y)}], mode="lines", name=label)`
        ];
  return [
    'import json',
    '',
    'import mlstudio',
    what === 'confusion'
      ? 'import plotly.express as px'
      : 'import plotly.graph_objects as go',
    'from mlstudio.store.artifacts import BlobStore',
    'from mlstudio.store.home import default_home',
    '',
    `runs = ${py(Object.fromEntries(context.runs))}`,
    'store, blobs = mlstudio.open_store(), BlobStore(default_home().artifacts)',
    what === 'confusion'
      ? 'figure = px.imshow([[0]])'
      : `figure = go.Figure(layout={"title": ${py(context.title)}, "xaxis_title": ${py(x)}, "yaxis_title": ${py(y)}})`,
    'for component, label in runs.items():',
    '    for item in store.artifacts(component):',
    '        if item.direction != "output" or item.sha256 is None or "json" not in f"{item.media_type} {item.name}":',
    '            continue',
    '        with blobs.open(item.sha256) as file:',
    '            document = json.load(file)',
    `        if isinstance(document, dict) and document.get("type") == ${py(type)}:`,
    ...draw
  ].join('\n');
}
