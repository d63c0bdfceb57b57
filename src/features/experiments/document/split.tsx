/** Two panes and a handle between them: dragged, or moved with the arrow keys. */
import * as React from 'react';

interface ISplitProps {
  /** Share of the first pane. */
  readonly share: number;
  /** Whether the second pane is shown. */
  readonly open: boolean;
  readonly label: string;
  readonly first: React.ReactNode;
  readonly second: React.ReactNode;
  onShare(share: number): void;
}

const LOW = 0.15;
const HIGH = 0.85;
/** Below this width the panes stand one over the other. */
const NARROW = 760;

export function Split(props: ISplitProps): JSX.Element {
  const { share, open, onShare } = props;
  const root = React.useRef<HTMLDivElement>(null);
  const [narrow, setNarrow] = React.useState(false);
  React.useLayoutEffect(() => {
    const node = root.current;
    if (node === null) {
      return;
    }
    const measure = (): void => {
      if (node.clientWidth > 0) {
        setNarrow(node.clientWidth < NARROW);
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  const set = (next: number): void =>
    onShare(Math.max(LOW, Math.min(HIGH, next)));
  const onPointerMove = (event: React.PointerEvent): void => {
    const box = root.current?.getBoundingClientRect();
    if (
      box === undefined ||
      !event.currentTarget.hasPointerCapture(event.pointerId)
    ) {
      return;
    }
    set(
      narrow
        ? (event.clientY - box.top) / box.height
        : (event.clientX - box.left) / box.width
    );
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const [less, more] = narrow
      ? ['ArrowUp', 'ArrowDown']
      : ['ArrowLeft', 'ArrowRight'];
    const by = event.key === less ? -0.02 : event.key === more ? 0.02 : 0;
    if (by !== 0) {
      set(share + by);
    } else if (event.key === 'Home' || event.key === 'End') {
      set(event.key === 'Home' ? LOW : HIGH);
    } else {
      return;
    }
    event.preventDefault();
  };
  const percent = `${(share * 100).toFixed(2)}%`;
  return (
    <div
      ref={root}
      className={`jp-Mlstudio-split${narrow ? ' jp-mod-narrow' : ''}`}
    >
      <div
        className="jp-Mlstudio-pane"
        style={open ? { flexBasis: percent } : { flex: 1 }}
      >
        {props.first}
      </div>
      {open && (
        <>
          <div
            role="separator"
            tabIndex={0}
            aria-label={props.label}
            aria-orientation={narrow ? 'horizontal' : 'vertical'}
            aria-valuemin={LOW * 100}
            aria-valuemax={HIGH * 100}
            aria-valuenow={Math.round(share * 100)}
            className="jp-Mlstudio-splitHandle"
            onPointerDown={event =>
              event.currentTarget.setPointerCapture(event.pointerId)
            }
            onPointerMove={onPointerMove}
            onKeyDown={onKeyDown}
          />
          <div className="jp-Mlstudio-pane jp-mod-second">{props.second}</div>
        </>
      )}
    </div>
  );
}
