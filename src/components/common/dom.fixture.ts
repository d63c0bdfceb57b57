/** What Lab's packages need of a browser when they are imported, and jsdom does not have. Import it first. */
class Dragged extends MouseEvent {}

globalThis.DragEvent ??= Dragged as typeof DragEvent;
window.matchMedia ??= query =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  }) as unknown as MediaQueryList;
window.requestIdleCallback ??= act =>
  window.setTimeout(() => act({ didTimeout: false, timeRemaining: () => 0 }));
