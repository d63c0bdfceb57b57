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
  const read = (name: string, fallback: string): string =>
    style.getPropertyValue(name).trim() || fallback;
  return {
    dark: document.body.dataset.jpThemeLight === 'false',
    text: read('--jp-ui-font-color1', 'black'),
    faint: read('--jp-ui-font-color2', 'grey'),
    grid: read('--jp-border-color2', 'lightgrey'),
    background: read('--jp-layout-color1', 'white'),
    brand: read('--jp-brand-color1', 'blue'),
    error: read('--jp-error-color1', 'red'),
    font: read('--jp-ui-font-family', 'sans-serif'),
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

/** A colour with another opacity, whatever notation the theme used. */
export function withAlpha(color: string, alpha: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`;
}
