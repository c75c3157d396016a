// The running parts of `npm start`: stopped together, in the reverse of their order.

export class LocalStack {
  #parts = [];
  #stopped;
  #reportDeath;

  /** Resolves with the first part that ended although nobody had stopped it. */
  death = new Promise((resolve) => (this.#reportDeath = resolve));

  /** Takes in a part that was just started, and gives it back. */
  add(name, part) {
    this.#parts.push(part);
    part.ended.then(({ how, expected }) => {
      if (!expected) this.#reportDeath({ name, how, log: part.log });
    });
    return part;
  }

  /** Stops every part; a second call waits for the first. */
  stop() {
    this.#stopped ??= (async () => {
      for (const part of this.#parts.reverse()) await part.stop();
    })();
    return this.#stopped;
  }
}
