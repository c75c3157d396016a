// What browsers know before any timer does: that the network is back or gone, or that the page is looked at again.

/** Calls `back` or `gone`; gives the function that stops it. */
export function watchNetwork({ back, gone }) {
  const { document, navigator } = globalThis;
  // Only browsers, their workers included, say whether there is a network.
  if (typeof navigator?.onLine !== 'boolean' || typeof globalThis.addEventListener !== 'function') return () => undefined;
  const shown = () => document.visibilityState === 'visible' && back();
  globalThis.addEventListener('online', back);
  globalThis.addEventListener('offline', gone);
  document?.addEventListener('visibilitychange', shown);
  return () => {
    globalThis.removeEventListener('online', back);
    globalThis.removeEventListener('offline', gone);
    document?.removeEventListener('visibilitychange', shown);
  };
}
