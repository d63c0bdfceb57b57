/**
 * A figure in plotly's JSON, made harmless: it comes from a run and not from us.
 *
 * Kept are the traces that the cartesian build draws, with their texts escaped but for line breaks
 * and emphasis. Pictures and maps that would be fetched from elsewhere are left out, and so are
 * keys that reach a prototype. Pure.
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonMap = { [key: string]: Json };

/** What plotly is given. */
export interface ISafeFigure {
  readonly data: JsonMap[];
  readonly layout: JsonMap;
  /** Traces of types that are not drawn here. */
  readonly left: string[];
}

const TRACES = new Set([
  ...['scatter', 'bar', 'box', 'violin', 'histogram', 'histogram2d', 'heatmap'],
  ...['histogram2dcontour', 'contour', 'pie', 'image', 'ohlc', 'candlestick'],
  ...['waterfall', 'funnel', 'indicator', 'scatterternary', 'funnelarea']
]);
/** The same without WebGL. */
const INSTEAD: Record<string, string> = {
  scattergl: 'scatter',
  heatmapgl: 'heatmap',
  bargl: 'bar'
};
const MAX_DEPTH = 24;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const MARKS = /&lt;(\/?(?:b|i|em|sub|sup|extra)|br ?\/?)&gt;/gi;

/** Plotly reads a small HTML in texts: only line breaks and emphasis of it come through. */
export function escapeText(text: string): string {
  return text
    .replace(/&(?!(?:lt|gt|amp|nbsp|#\d{1,7}|[a-z]{2,8});)/gi, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(MARKS, '<$1>');
}

function clean(value: Json, depth: number): Json {
  if (typeof value === 'string') {
    return escapeText(value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (depth > MAX_DEPTH) {
    return null;
  }
  if (Array.isArray(value)) {
    // Numbers, the most of what there is, need no look.
    return value.map(one =>
      typeof one === 'number' ? one : clean(one, depth + 1)
    );
  }
  return cleanMap(value, depth + 1);
}

function cleanMap(map: JsonMap, depth: number): JsonMap {
  const entries = Object.entries(map).filter(([key]) => !FORBIDDEN.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, clean(value, depth)])
  );
}

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Things of a layout that would fetch something, or do something on a click. */
const LAYOUT_LEFT_OUT =
  /^(images|map|mapbox|geo|scene|updatemenus|sliders)\d*$/;

function cleanLayout(layout: JsonMap): JsonMap {
  const kept = Object.entries(layout).filter(
    ([key]) => !LAYOUT_LEFT_OUT.test(key)
  );
  const safe = cleanMap(Object.fromEntries(kept), 0);
  const template = safe.template;
  if (isMap(template)) {
    // Its layout may hold the same things.
    safe.template = isMap(template.layout)
      ? { layout: cleanLayout(template.layout) }
      : {};
  }
  return safe;
}

function cleanTrace(trace: JsonMap): JsonMap | string {
  const type = typeof trace.type === 'string' ? trace.type : 'scatter';
  const drawn = INSTEAD[type] ?? type;
  if (!TRACES.has(drawn)) {
    return type;
  }
  const safe = { ...cleanMap(trace, 0), type: drawn };
  if (drawn === 'image' && typeof trace.source === 'string') {
    const inline = /^data:image\/(png|jpeg|webp|gif);base64,/.test(
      trace.source
    );
    return inline ? safe : type;
  }
  return safe;
}

/** The harmless part of a figure; null when the document is none. */
export function safeFigure(document: unknown): ISafeFigure | null {
  if (!isMap(document) || !Array.isArray(document.data)) {
    return null;
  }
  const traces = document.data.filter(isMap).map(cleanTrace);
  return {
    data: traces.filter((one): one is JsonMap => typeof one !== 'string'),
    left: traces.filter((one): one is string => typeof one === 'string'),
    layout: isMap(document.layout) ? cleanLayout(document.layout) : {}
  };
}
