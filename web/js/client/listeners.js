/** Functions of the caller's that want to hear. What one of them throws is his, as with an EventTarget: it stops nobody else. */
export class Listeners {
  #all = new Set();

  /** Adds one and gives the function that takes it away. */
  add(listener) {
    if (listener === undefined) return () => undefined;
    // Wrapped, so that the same function may listen twice.
    const entry = { listener };
    this.#all.add(entry);
    return () => this.#all.delete(entry);
  }

  tell(...news) {
    for (const { listener } of [...this.#all]) {
      try {
        listener(...news);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
