/** Whether a node is on the screen, or close to it. */
import * as React from 'react';

/** Cards this near are drawn before they are scrolled to. */
const MARGIN = '200px';

export function useOnScreen(ref: React.RefObject<HTMLElement>): boolean {
  const [near, setNear] = React.useState(false);
  React.useEffect(() => {
    const node = ref.current;
    if (node === null || typeof IntersectionObserver === 'undefined') {
      setNear(true);
      return;
    }
    const observer = new IntersectionObserver(
      entries => setNear(entries[entries.length - 1].isIntersecting),
      { root: node.closest('.jp-Mlstudio-board'), rootMargin: MARGIN }
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return near;
}
