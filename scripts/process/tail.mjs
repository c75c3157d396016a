/** The last lines of a log, and no more than that in memory. */
export class Tail {
  #limit;
  lines = [];

  constructor(limit) {
    this.#limit = limit;
  }

  push(line) {
    this.lines.push(line);
    if (this.lines.length > this.#limit) this.lines.shift();
  }
}
