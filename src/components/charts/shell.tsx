/**
 * The seam between a chart and the card that it stands in.
 *
 * A chart alone draws its own head. Inside a `FigureShell` the card draws it: the chart tells what
 * it calls itself and what it can do, and puts its controls into the card's slot. So every chart
 * stands in a board as it is, and the head stays when a chart comes, goes, or is not ready.
 */
import * as React from 'react';
import { createPortal } from 'react-dom';

/** Something a chart can do. */
export interface IFigureTool {
  readonly id: 'table' | 'png' | 'svg' | 'csv';
  readonly label: string;
  readonly pressed?: boolean;
  act(): void;
}

/** What a chart tells its card. */
export interface IFigureParts {
  /** What the chart calls itself. */
  readonly title: string;
  readonly tools: readonly IFigureTool[];
}

export interface IFigureShell {
  /** Where further controls of the chart stand, once the head is there. */
  readonly slot: HTMLElement | null;
  /** Called after every rendering of the chart. */
  tell(parts: IFigureParts): void;
}

export const FigureShell = React.createContext<IFigureShell | null>(null);

/** Tell the card, if there is one, and put the controls into its head. */
export function useFigureShell(
  parts: IFigureParts,
  controls: React.ReactNode
): { inCard: boolean; portal: React.ReactNode } {
  const shell = React.useContext(FigureShell);
  React.useLayoutEffect(() => shell?.tell(parts));
  const slot = shell?.slot ?? null;
  return {
    inCard: shell !== null,
    portal: slot === null ? null : createPortal(controls, slot)
  };
}

/** A chart that has nothing to draw yet, and why. */
export function FigureNote(props: {
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  useFigureShell({ title: props.title, tools: [] }, null);
  return (
    <div className="jp-Mlstudio-figure">
      <div className="jp-Mlstudio-chartNote">{props.children}</div>
    </div>
  );
}

/** The parts that a chart told last; a new object when something that is seen has changed. */
export function useTold(): [
  IFigureParts | null,
  (parts: IFigureParts) => void
] {
  const latest = React.useRef<IFigureParts | null>(null);
  const [told, setTold] = React.useState<IFigureParts | null>(null);
  const tell = React.useCallback((parts: IFigureParts) => {
    latest.current = parts;
    const seen = (of: IFigureParts | null): string =>
      JSON.stringify([of?.title, of?.tools.map(t => [t.id, t.pressed])]);
    setTold(now =>
      seen(now) === seen(parts)
        ? now
        : {
            title: parts.title,
            // What a tool does is asked for when it is used: the chart goes on.
            tools: parts.tools.map(tool => ({
              ...tool,
              act: () =>
                latest.current?.tools.find(one => one.id === tool.id)?.act()
            }))
          }
    );
  }, []);
  return [told, tell];
}
