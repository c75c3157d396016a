// Waiting that can be called off. An abort is told by the name AbortError, whatever the caller gave as a reason.

/** The error of a signal that has aborted. */
export function abortError({ reason } = {}) {
  if (reason?.name === 'AbortError') return reason;
  const error = new DOMException('the call was aborted', 'AbortError');
  if (reason !== undefined) Object.defineProperty(error, 'cause', { value: reason });
  return error;
}

export function throwIfAborted(signal) {
  if (signal?.aborted) throw abortError(signal);
}

/**
 * A controller that the caller's signal aborts too. `unlink` lets go of that signal, which may outlive thousands of calls.
 *
 * Not `AbortSignal.any`: browsers have it since 2023 or later.
 */
export function linked(signal) {
  const controller = new AbortController();
  const abort = () => controller.abort(abortError(signal));
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort);
  return { signal: controller.signal, abort: (reason) => controller.abort(reason), unlink: () => signal?.removeEventListener('abort', abort) };
}

/** Waits; an abort ends it at once, and so does `wake`, which is handed a function that does. */
export function pause(ms, signal, wake) {
  return new Promise((resolve, reject) => {
    const done = (settle) => () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      wake?.(undefined);
      settle();
    };
    const aborted = done(() => reject(abortError(signal)));
    const timer = setTimeout(done(resolve), ms);
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted);
    wake?.(done(resolve));
  });
}
