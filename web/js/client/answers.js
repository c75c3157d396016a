// An async iterator over answers that holds one at most: who reads slowly gets the newest, and none piles up.
import { abortError } from './abort.js';

/** What differs between two answers of one state. */
const OF_THE_MOMENT = new Set(['request_id', 'read_at', 'age_ms', 'ahead_ms', 'heartbeat_ms', 'attempts', 'retry_after_ms']);

export class Answers {
  #start;
  #stop;
  #signal;
  #way;
  #newest;
  #shown;
  #waiting;
  #failure;
  /** Why it ended. */
  #reason;
  #done = false;

  /**
   * @param {object} options
   * @param {(answers: Answers) => () => void} options.start begins to show answers when the first one is asked for; gives what stops it
   * @param {{state: string, error: unknown, ageMs: number}} options.way what they come by
   * @param {AbortSignal} [options.signal]
   */
  constructor({ start, way, signal }) {
    this.#start = start;
    this.#way = way;
    this.#signal = signal;
  }

  get state() {
    return this.#done ? 'offline' : this.#way.state;
  }

  get error() {
    return this.#reason ?? this.#way.error;
  }

  get ageMs() {
    return this.#way.ageMs;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** The next answer that differs from the one before. */
  async next() {
    // Whoever asks twice at once gets one after the other.
    while (this.#waiting !== undefined) await this.#waiting.promise.catch(() => undefined);
    this.#begin();
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#newest !== undefined) return this.#hand();
    if (this.#done) return { done: true, value: undefined };
    this.#waiting = deferred();
    return this.#waiting.promise;
  }

  /** Ends it, as leaving a `for await` does. */
  async return(value) {
    this.end();
    return { done: true, value };
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    this.end();
  }

  /** An answer; one that says the same as the last is not shown again. */
  show(answer) {
    // The words of a refusal may hold an age.
    const said = answer.success ? answer : { ...answer, error: { ...answer.error, message: undefined } };
    const shown = JSON.stringify(said, (name, value) => (OF_THE_MOMENT.has(name) ? undefined : value));
    if (this.#done || shown === this.#shown) return;
    this.#shown = shown;
    this.#newest = answer;
    this.#take()?.resolve(this.#hand());
  }

  /** No more of them come; with `error`, because of it. What was not read yet is not read any more. */
  end(error) {
    if (this.#done) return;
    this.#done = true;
    // An abort is what the caller wanted.
    if (error?.name !== 'AbortError') this.#reason = error;
    this.#newest = undefined;
    this.#signal?.removeEventListener('abort', this.#aborted);
    this.#stop?.();
    const waiting = this.#take();
    if (error === undefined) waiting?.resolve({ done: true, value: undefined });
    else if (waiting !== undefined) waiting.reject(error);
    else this.#failure = { error };
  }

  #begin() {
    if (this.#done || this.#stop !== undefined) return;
    if (this.#signal?.aborted) return this.#aborted();
    this.#signal?.addEventListener('abort', this.#aborted);
    this.#stop = this.#start(this);
    // It may have ended while it began.
    if (this.#done) this.#stop();
  }

  #aborted = () => this.end(abortError(this.#signal));

  #hand() {
    const value = this.#newest;
    this.#newest = undefined;
    return { done: false, value };
  }

  #take() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}
