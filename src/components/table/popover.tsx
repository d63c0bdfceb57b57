/**
 * A small panel that opens beside a button and closes on Escape or a click elsewhere.
 *
 * It is drawn into the body: widgets of Lab clip what leaves their box. The focus goes in when it
 * opens and back to the opener when it closes.
 */
import * as React from 'react';
import { createPortal } from 'react-dom';

interface IPopoverProps {
  readonly anchor: HTMLElement;
  readonly label: string;
  readonly role: 'dialog' | 'menu';
  readonly children: React.ReactNode;
  /** `cancelled` tells Escape from a click elsewhere. */
  onClose(cancelled?: boolean): void;
}

const MARGIN = 4;

/** Where a box of this size fits beside its anchor. */
export function placeBeside(
  anchor: { left: number; right: number; top: number; bottom: number },
  size: { width: number; height: number },
  view: { width: number; height: number }
): { left: number; top: number } {
  const below = anchor.bottom + MARGIN;
  const top =
    below + size.height <= view.height
      ? below
      : Math.max(MARGIN, anchor.top - MARGIN - size.height);
  const left = Math.min(anchor.left, view.width - size.width - MARGIN);
  return { left: Math.max(MARGIN, left), top };
}

export function Popover(props: IPopoverProps): JSX.Element {
  const { anchor, onClose } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const [at, setAt] = React.useState<{ left: number; top: number } | null>(
    null
  );
  React.useLayoutEffect(() => {
    const node = box.current;
    if (node === null) {
      return;
    }
    setAt(
      placeBeside(
        anchor.getBoundingClientRect(),
        node.getBoundingClientRect(),
        {
          width: window.innerWidth,
          height: window.innerHeight
        }
      )
    );
    return () => {
      if (node.contains(document.activeElement)) {
        anchor.focus({ preventScroll: true });
      }
    };
  }, [anchor]);
  const placed = at !== null;
  React.useLayoutEffect(() => {
    const node = box.current;
    // What is not visible yet cannot take the focus.
    if (placed && node !== null) {
      const first = node.querySelector<HTMLElement>(
        'textarea, select:not([disabled]), input:not([disabled]), button:not([disabled])'
      );
      (first ?? node).focus({ preventScroll: true });
    }
  }, [placed]);
  React.useEffect(() => {
    const away = (event: Event): void => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.contains(target)) {
        onClose();
      }
    };
    const resized = (): void => onClose();
    const escape = (event: KeyboardEvent): void => {
      // The focus falls to the body when the focused button goes away.
      if (event.key === 'Escape' && event.target === document.body) {
        anchor.focus({ preventScroll: true });
        onClose(true);
      }
    };
    document.addEventListener('keydown', escape);
    document.addEventListener('pointerdown', away, true);
    window.addEventListener('resize', resized);
    return () => {
      document.removeEventListener('pointerdown', away, true);
      document.removeEventListener('keydown', escape);
      window.removeEventListener('resize', resized);
    };
  }, [anchor, onClose]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      anchor.focus({ preventScroll: true });
      onClose(true);
      return;
    }
    if (event.key === 'Tab') {
      onTab(event, box.current);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      onArrow(event, box.current);
    }
  };
  return createPortal(
    <div
      ref={box}
      role={props.role}
      aria-label={props.label}
      tabIndex={-1}
      className="jp-Mlstudio-popover"
      style={at === null ? { visibility: 'hidden', left: 0, top: 0 } : at}
      onKeyDown={onKeyDown}
    >
      {props.children}
    </div>,
    document.body
  );
}

function stops(box: HTMLElement | null): HTMLElement[] {
  return box === null
    ? []
    : [
        ...box.querySelectorAll<HTMLElement>(
          'input:not([disabled]), button:not([disabled]), select:not([disabled]), textarea'
        )
      ];
}

/** The tab key stays inside. */
function onTab(event: React.KeyboardEvent, box: HTMLElement | null): void {
  const all = stops(box);
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (all.length > 0 && document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  }
}

/** Whether arrows mean something in this control: they choose, or move a slider or a caret. */
const hasArrows = (target: EventTarget): boolean =>
  (target as HTMLElement).matches('textarea, select, input[type=range]');

function onArrow(event: React.KeyboardEvent, box: HTMLElement | null): void {
  if (event.defaultPrevented || hasArrows(event.target)) {
    return;
  }
  const all = stops(box);
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) {
    return;
  }
  event.preventDefault();
  const by = event.key === 'ArrowDown' ? 1 : -1;
  all[(at + by + all.length) % all.length]?.focus();
}
