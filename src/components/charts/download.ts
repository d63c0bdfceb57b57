/** Charts as files: the picture that is on the screen, and its numbers. */
import { toCsv } from '../table/copy';
import type { IChartTheme } from './theme';

/** A file name from what users wrote. */
export function fileName(title: string, extension: string): string {
  const safe = title
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return `${safe || 'chart'}.${extension}`;
}

/** Let the browser save a blob. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  saveUrl(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function saveUrl(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
}

export function saveCsv(
  rows: readonly (readonly string[])[],
  title: string
): void {
  saveBlob(
    new Blob(['\ufeff', toCsv(rows)], { type: 'text/csv;charset=utf-8' }),
    fileName(title, 'csv')
  );
}

export function saveSvg(svg: string, title: string): void {
  saveBlob(
    new Blob([svg], { type: 'image/svg+xml;charset=utf-8' }),
    fileName(title, 'svg')
  );
}

/** One line of a picture's legend. */
export interface ILegendLine {
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
}

const LEGEND_LINE = 16;
const TITLE = 26;

/** Canvases drawn over each other on the theme's background, with title and legend, as PNG. */
export function savePng(
  layers: readonly HTMLCanvasElement[],
  title: string,
  legend: readonly ILegendLine[],
  theme: IChartTheme
): void {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(...layers.map(c => c.width));
  const height = Math.max(...layers.map(c => c.height));
  const out = document.createElement('canvas');
  out.width = width;
  out.height = height + (TITLE + legend.length * LEGEND_LINE + 8) * ratio;
  const draw = out.getContext('2d');
  if (draw === null) {
    return;
  }
  draw.fillStyle = theme.background;
  draw.fillRect(0, 0, out.width, out.height);
  layers.forEach(layer => draw.drawImage(layer, 0, TITLE * ratio));
  draw.scale(ratio, ratio);
  draw.textBaseline = 'middle';
  draw.fillStyle = theme.text;
  draw.font = `600 13px ${theme.font}`;
  draw.fillText(title, 10, TITLE / 2);
  draw.font = `11px ${theme.font}`;
  legend.forEach((line, i) => {
    const y = TITLE + height / ratio + (i + 0.5) * LEGEND_LINE;
    draw.strokeStyle = line.color;
    draw.lineWidth = 2;
    draw.setLineDash([...line.dash]);
    draw.beginPath();
    draw.moveTo(12, y);
    draw.lineTo(40, y);
    draw.stroke();
    draw.fillText(line.label.slice(0, 200), 46, y);
  });
  out.toBlob(blob => {
    if (blob !== null) {
      saveBlob(blob, fileName(title, 'png'));
    }
  });
}
