/** Charts as SVG text, made of DOM nodes so that what users wrote can only ever be text. */
import type uPlot from 'uplot';

import type { IPlotLook } from './plot';
import type { ILineData, IPlotLine } from './plotColumns';
import type { IChartTheme } from './theme';
import {
  formatSince,
  formatTick,
  formatValueTick,
  formatX,
  roundTicks
} from './ticks';

const NS = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | number>>;

/** A drawing that grows from back to front. */
export class SvgDrawing {
  constructor(width: number, height: number, theme: IChartTheme) {
    this.root = document.createElementNS(NS, 'svg');
    this.root.setAttribute('width', String(width));
    this.root.setAttribute('height', String(height));
    this.root.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.root.setAttribute('font-family', theme.font);
    this.root.setAttribute('font-size', String(theme.size));
    this.add('rect', { width, height, fill: theme.background });
  }

  add(tag: string, attributes: Attributes, text?: string): SVGElement {
    const node = document.createElementNS(NS, tag);
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, typeof value === 'number' ? short(value) : value);
    }
    if (text !== undefined) {
      node.textContent = text;
    }
    this.root.appendChild(node);
    return node;
  }

  toString(): string {
    return new XMLSerializer().serializeToString(this.root);
  }

  private readonly root: SVGElement;
}

const short = (value: number): string => String(Number(value.toFixed(2)));

const TITLE = 26;
const LINE = 16;

/** The plot as it is shown, with title and legend. */
export function lineSvg(
  plot: uPlot,
  lines: readonly IPlotLine[],
  look: IPlotLook,
  title: string
): string {
  const { theme } = look;
  const height = plot.height + TITLE + lines.length * LINE + 8;
  const svg = new SvgDrawing(plot.width, height, theme);
  const left = plot.over.offsetLeft;
  const top = plot.over.offsetTop + TITLE;
  const box = {
    x: left,
    y: top,
    width: plot.over.offsetWidth,
    height: plot.over.offsetHeight
  };
  const place = (value: number, scale: 'x' | 'y'): number =>
    plot.valToPos(value, scale) + (scale === 'x' ? left : top);
  svg.add(
    'text',
    { x: 10, y: 17, fill: theme.text, 'font-weight': 600, 'font-size': 13 },
    title
  );
  drawTicks(svg, plot, look, box, place);
  const clip = svg.add('clipPath', { id: 'plot' });
  const inside = document.createElementNS(NS, 'rect');
  Object.entries(box).forEach(([key, value]) =>
    inside.setAttribute(key, short(value))
  );
  clip.appendChild(inside);
  for (const { buffer, color, dash } of lines) {
    const common = { fill: 'none', stroke: color, 'clip-path': 'url(#plot)' };
    const y = look.smooth ? (buffer.smooth ?? buffer.y) : buffer.y;
    if (buffer.high !== undefined && buffer.low !== undefined) {
      const d = bandPath(buffer, buffer.high, buffer.low, place);
      svg.add('path', {
        d,
        fill: color,
        'fill-opacity': 0.16,
        'clip-path': 'url(#plot)'
      });
    }
    if (y !== buffer.y) {
      const d = linePath(buffer.x, buffer.y, look, place);
      svg.add('path', { ...common, d, 'stroke-opacity': 0.28 });
    }
    const d = linePath(buffer.x, y, look, place);
    svg.add('path', {
      ...common,
      d,
      'stroke-width': 1.75,
      'stroke-dasharray': dash.join(' ') || 'none'
    });
  }
  lines.forEach(({ label, color, dash }, i) => {
    const y = plot.height + TITLE + (i + 0.5) * LINE;
    svg.add('path', {
      d: `M12 ${short(y)}H40`,
      stroke: color,
      'stroke-width': 2,
      'stroke-dasharray': dash.join(' ') || 'none'
    });
    svg.add('text', { x: 46, y: y + 4, fill: theme.text }, label.slice(0, 200));
  });
  return svg.toString();
}

type Place = (value: number, scale: 'x' | 'y') => number;

function linePath(
  x: Float64Array,
  y: Float64Array,
  look: IPlotLook,
  place: Place
): string {
  let d = '';
  let open = false;
  for (let i = 0; i < x.length; i++) {
    const drawn =
      Number.isFinite(y[i]) &&
      (!look.log || y[i] > 0) &&
      (!look.logX || x[i] > 0);
    if (drawn) {
      d += `${open ? 'L' : 'M'}${short(place(x[i], 'x'))} ${short(place(y[i], 'y'))}`;
    }
    open = drawn;
  }
  return d;
}

function bandPath(
  { x }: ILineData,
  high: Float64Array,
  low: Float64Array,
  place: Place
): string {
  const there: string[] = [];
  const back: string[] = [];
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(high[i]) && Number.isFinite(low[i])) {
      const px = short(place(x[i], 'x'));
      there.push(`${px} ${short(place(high[i], 'y'))}`);
      back.push(`${px} ${short(place(low[i], 'y'))}`);
    }
  }
  return there.length === 0
    ? ''
    : `M${there.join('L')}L${back.reverse().join('L')}Z`;
}

function drawTicks(
  svg: SvgDrawing,
  plot: uPlot,
  look: IPlotLook,
  box: { x: number; y: number; width: number; height: number },
  place: Place
): void {
  const { theme } = look;
  const grid = { stroke: theme.grid, 'stroke-width': 1 };
  const { min: x0 = 0, max: x1 = 1 } = plot.scales.x;
  const { min: y0 = 0, max: y1 = 1 } = plot.scales.y;
  for (const value of roundTicks(x0, x1, look.logX && look.x !== 'time')) {
    const px = place(value, 'x');
    svg.add('path', {
      ...grid,
      d: `M${short(px)} ${short(box.y)}v${short(box.height)}`
    });
    const text =
      look.x === 'time'
        ? formatX(value, 'time')
        : look.x === 'relative'
          ? formatSince(value)
          : formatTick(value);
    svg.add(
      'text',
      {
        x: px,
        y: box.y + box.height + 15,
        fill: theme.faint,
        'text-anchor': 'middle'
      },
      text
    );
  }
  for (const value of roundTicks(y0, y1, look.log)) {
    const py = place(value, 'y');
    svg.add('path', {
      ...grid,
      d: `M${short(box.x)} ${short(py)}h${short(box.width)}`
    });
    svg.add(
      'text',
      { x: box.x - 6, y: py + 4, fill: theme.faint, 'text-anchor': 'end' },
      formatValueTick(value, look.unit)
    );
  }
}
