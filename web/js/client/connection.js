// What is known of the way to the service: whether the state at hand is confirmed, since when, and what went wrong.
import { checkKind } from '../plain-json.js';
import { Listeners } from './listeners.js';

/** A stream says something every 15 s. Two of these may be lost before silence means that nobody is there. */
export const QUIET_MS = 35_000;

export class Connection {
  #state = 'stale';
  #told;
  #error;
  #heardAt;
  #listeners = new Listeners();
  #quietMs;

  constructor(onState, quietMs = QUIET_MS) {
    this.#quietMs = quietMs;
    this.onState(onState);
  }

  /**
   * `live`: the service confirms what is here. `stale`: it is being asked. `offline`: it cannot be reached.
   *
   * Silence counts when it is asked about, so after a sleep of the machine nobody reads `live` before a timer has run.
   */
  get state() {
    return this.#state === 'live' && this.silent ? 'stale' : this.#state;
  }

  /** Why it is not live; undefined where nothing went wrong. */
  get error() {
    return this.#error;
  }

  /** Milliseconds since the service last confirmed what is here; Infinity where it never has. */
  get ageMs() {
    if (this.#heardAt === undefined) return Infinity;
    const age = Date.now() - this.#heardAt;
    // A clock that was set back says nothing about how long it has been.
    return age < 0 ? Infinity : age;
  }

  /** Whether nothing was heard for longer than a stream is silent; a clock that jumps looks the same. */
  get silent() {
    return this.isSilence(this.ageMs);
  }

  isSilence(ms) {
    return ms < 0 || ms > this.#quietMs;
  }

  onState(listener) {
    checkKind('onState', listener, 'function');
    return this.#listeners.add(listener);
  }

  /** The first attempt begins. */
  begin() {
    this.#become('stale', undefined);
  }

  /** Something arrived that confirms what is here. */
  heard() {
    if (this.#state === 'live') this.#heardAt = Date.now();
  }

  /** It is confirmed as of then. */
  live(at = Date.now()) {
    this.#heardAt = at;
    this.#become('live', undefined);
  }

  stale(error) {
    this.#become('stale', error);
  }

  offline(error) {
    this.#become('offline', error);
  }

  #become(state, error) {
    this.#state = state;
    this.#error = error;
    const told = `${state} ${error?.code}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#listeners.tell(state, { error, ageMs: this.ageMs });
  }
}
