/**
 * What canvases need to know of the theme: they cannot use CSS variables, so these are read when
 * the theme has changed, and charts draw again.
 */
import * as React from 'react';

import { useStudio } from '../common/context';
import { COLORS } from './palette';

export interface IChartTheme {
  readonly dark: boolean;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly background: string;
  readonly brand: string;
  readonly error: string;
  readonly font: string;
  readonly size: number;
  /** Colours of series 1 to 12, at index 0 to 11. */
  readonly series: readonly string[];
}

/** Read the theme's variables from the body. */
export function readTheme(): IChartTheme {
  const style = getComputedStyle(document.body);
  const value = (name: string, fallback: string): string =>
    style.getPropertyValue(name).trim() || fallback;
  const read = (name: string, fallback: string): string =>
    asHex(value(name, fallback));
  return {
    dark: document.body.dataset.jpThemeLight === 'false',
    text: read('--jp-ui-font-color1', 'black'),
    faint: read('--jp-ui-font-color2', 'grey'),
    grid: read('--jp-border-color2', 'lightgrey'),
    background: read('--jp-layout-color1', 'white'),
    brand: read('--jp-brand-color1', 'blue'),
    error: read('--jp-error-color1', 'red'),
    font: value('--jp-ui-font-family', 'sans-serif'),
    size: 11,
    series: Array.from({ length: COLORS }, (_, i) =>
      read(`--jp-mlstudio-series-${i + 1}`, 'grey')
    )
  };
}

const same = (a: IChartTheme, b: IChartTheme): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** The present theme; a new object only when something of it changed. */
export function useChartTheme(): IChartTheme {
  const { themes } = useStudio();
  const [theme, setTheme] = React.useState(readTheme);
  React.useEffect(() => {
    const update = (): void => {
      const next = readTheme();
      setTheme(now => (same(now, next) ? now : next));
    };
    themes?.themeChanged.connect(update);
    // Lab sets these attributes after it told the manager; palettes depend on them.
    const observer = new MutationObserver(update);
    observer.observe(document.body, {
      attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name']
    });
    update();
    return () => {
      themes?.themeChanged.disconnect(update);
      observer.disconnect();
    };
  }, [themes]);
  return theme;
}

/**
 * A colour with another opacity. Hex colours become rgba, which every library reads; other
 * notations are left to the browser.
 */
export function withAlpha(color: string, alpha: number): string {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(color);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color);
  const parts = (long ?? short)
    ?.slice(1)
    .map(p => parseInt(p.length === 1 ? p + p : p, 16));
  return parts === undefined
    ? `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`
    : `rgba(${parts.join(', ')}, ${alpha})`;
}

/** Any colour as hex, as the browser understands it; as it is where there is no canvas. */
function asHex(color: string): string {
  const ctx = (pen ??= document.createElement('canvas').getContext('2d'));
  if (ctx === null) {
    return color;
  }
  ctx.fillStyle = 'black';
  ctx.fillStyle = color;
  return ctx.fillStyle;
}

let pen: CanvasRenderingContext2D | null = null;
