/** Tabs by the ARIA pattern: arrows move, Home and End jump, the panel follows the focus. */
import * as React from 'react';

/** One tab; `render` is called only while it is shown. */
export interface ITab {
  readonly id: string;
  readonly label: string;
  readonly badge?: string;
  readonly render: () => React.ReactNode;
}

interface ITabsProps {
  readonly label: string;
  readonly tabs: readonly ITab[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

const STEPS: Record<string, (at: number, n: number) => number> = {
  ArrowRight: (at, n) => (at + 1) % n,
  ArrowLeft: (at, n) => (at - 1 + n) % n,
  Home: () => 0,
  End: (_, n) => n - 1
};

/** A tab list and the panel of the selected tab. */
export function Tabs(props: ITabsProps): React.ReactElement {
  const { tabs, onSelect } = props;
  const base = React.useId();
  const found = tabs.findIndex(tab => tab.id === props.selected);
  const at = Math.max(0, found);
  const refs = React.useRef<(HTMLButtonElement | null)[]>([]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const next = step(at, tabs.length);
      onSelect(tabs[next].id);
      refs.current[next]?.focus();
    }
  };
  return (
    <div className="jp-Mlstudio-tabs">
      <div
        className="jp-Mlstudio-tablist"
        role="tablist"
        aria-label={props.label}
        onKeyDown={onKeyDown}
      >
        {tabs.map((tab, i) => (
          <button
            key={tab.id}
            ref={node => {
              refs.current[i] = node;
            }}
            type="button"
            role="tab"
            id={`${base}-tab-${i}`}
            className="jp-Mlstudio-tab"
            aria-selected={i === at}
            aria-controls={i === at ? `${base}-panel` : undefined}
            tabIndex={i === at ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
            {tab.badge && (
              <span className="jp-Mlstudio-count">{tab.badge}</span>
            )}
          </button>
        ))}
      </div>
      <div
        className="jp-Mlstudio-tabpanel"
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-tab-${at}`}
        tabIndex={0}
      >
        {tabs[at].render()}
      </div>
    </div>
  );
}
