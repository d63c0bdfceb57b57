/** The width of a node in whole pixels, never more than there is. */
import * as React from 'react';

/** 0 until the node is laid out; a hidden node keeps its last width. */
export function useWidth(ref: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = React.useState(0);
  React.useLayoutEffect(() => {
    const node = ref.current;
    if (node === null) {
      return;
    }
    const measure = (): void => {
      if (node.clientWidth > 0) {
        // A drawing of 491 pixels in 490.5 would give the notebook's output a scrollbar.
        const exact = Math.floor(node.getBoundingClientRect().width);
        setWidth(Math.min(node.clientWidth, exact || node.clientWidth));
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
