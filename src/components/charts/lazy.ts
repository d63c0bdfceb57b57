/**
 * The one place where chart libraries are loaded: each is a chunk of its own, fetched when a chart
 * is first shown. A chunk that cannot be fetched may be asked for again.
 */
import type uPlot from 'uplot';

/** The calls of plotly that we use; the minified package has no types. */
export interface IPlotly {
  react(
    node: HTMLElement,
    data: readonly object[],
    layout: object,
    config: object
  ): Promise<unknown>;
  purge(node: HTMLElement): void;
  Plots: { resize(node: HTMLElement): void };
  toImage(node: HTMLElement, options: object): Promise<string>;
}

/** A node that plotly made its own. */
export interface IPlotlyNode extends HTMLElement {
  on?(event: string, handler: (data: IPlotlyEvent) => void): void;
}

export interface IPlotlyEvent {
  readonly points?: readonly { readonly customdata?: unknown }[];
}

let plotly: Promise<IPlotly> | null = null;
let uplot: Promise<typeof uPlot> | null = null;

/** plotly's cartesian charts, 1.4 MB. */
export function loadPlotly(): Promise<IPlotly> {
  plotly ??= import(
    /* webpackChunkName: "mlstudio-plotly" */ 'plotly.js-cartesian-dist-min'
  ).then(
    module => module.default,
    error => {
      plotly = null;
      throw error;
    }
  );
  return plotly;
}

/** uPlot, 50 KB. */
export function loadUplot(): Promise<typeof uPlot> {
  uplot ??= import(/* webpackChunkName: "mlstudio-uplot" */ 'uplot').then(
    module => module.default,
    error => {
      uplot = null;
      throw error;
    }
  );
  return uplot;
}
