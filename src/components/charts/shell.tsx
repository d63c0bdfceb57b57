/**
 * The seam between a chart and the card that it stands in.
 *
 * A chart alone draws its own head. Inside a `FigureShell` the card draws the head, and the chart
 * tells it what it can do (save, show values); so every chart stands in a board as it is.
 */
import * as React from 'react';

/** Something a chart can do. */
export interface IFigureTool {
  readonly id: 'table' | 'png' | 'svg' | 'csv';
  readonly label: string;
  readonly pressed?: boolean;
  act(): void;
}

/** What a chart hands to the head of its card. */
export interface IFigureParts {
  /** What the chart calls itself. */
  readonly title: string;
  readonly tools: readonly IFigureTool[];
  /** Further controls of the chart, beside its title. */
  readonly controls: React.ReactNode;
}

/** Draws the head of a card. */
export type FigureHead = (parts: IFigureParts) => React.ReactNode;

export const FigureShell = React.createContext<FigureHead | null>(null);

/** A chart that has nothing to draw yet: its card's head, and why. */
export function FigureNote(props: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  const head = React.useContext(FigureShell);
  return (
    <div className="jp-Mlstudio-figure">
      {head?.({ title: props.title, tools: [], controls: null })}
      <div className="jp-Mlstudio-chartNote">{props.children}</div>
    </div>
  );
}
