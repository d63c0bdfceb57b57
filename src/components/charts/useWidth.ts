/** The width of a node in pixels. */
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
        setWidth(node.clientWidth);
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
