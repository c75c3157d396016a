// A local engine that follows the changes of a service.
import { DlmmError, invalidRequest } from '../error.js';
import { checkKind } from '../plain-json.js';
import { requestText } from '../request-text.js';
import { Answers } from './answers.js';
import { Connection } from './connection.js';
import { follow, PACE } from './follow.js';
import { Listeners } from './listeners.js';
import { Parted, Refused } from './lost.js';
import { streamOptions } from './options.js';

/** The age of state moves on with the clock; for answers it is told to the engine when it has moved by so much. */
const AGE_STEP_MS = 100;

/** Refusals that asking again does not mend. After the start even these may pass: a key is renewed, a pool comes back. */
const FINAL = ['INVALID_REQUEST', 'UNAUTHORIZED', 'SAME_TOKEN', 'UNKNOWN_TOKEN', 'UNKNOWN_POOL', 'NO_ROUTE', 'NOT_FOUND', 'METHOD_NOT_ALLOWED'];

export class LiveEngine {
  #engine;
  #closed = false;
  #connection;
  #changed = new Listeners();
  /** As `#changed`, and wherever the service says no more than that its state holds. */
  #confirmed = new Listeners();
  #ended = new Listeners();
  #maxAgeMs;
  #tickMs;
  #abort;
  /** When the state was read by the clock of the service, and what the clock here was when it arrived. */
  #takenAt;
  #arrivedAt;
  #toldAt = 0;
  #id;
  /** Whether the state was asked for since the last event. */
  #asked = false;

  constructor({ maxAgeMs, onState, onChange, quietMs, tickMs = PACE.tickMs, abort }) {
    if (maxAgeMs !== undefined && !(Number.isFinite(maxAgeMs) && maxAgeMs >= 0)) throw invalidRequest('maxAgeMs', 'must be a number of milliseconds');
    this.#connection = new Connection(onState, quietMs);
    this.onChange(onChange);
    this.#maxAgeMs = maxAgeMs;
    this.#tickMs = tickMs;
    this.#abort = abort;
  }

  get state() {
    return this.#closed ? 'offline' : this.#connection.state;
  }

  get error() {
    return this.#connection.error;
  }

  get ageMs() {
    return this.#connection.ageMs;
  }

  /** `id` of the last event; undefined where the state was asked for. */
  get id() {
    return this.#id;
  }

  get takenAt() {
    return this.#ready().takenAt;
  }

  onState(listener) {
    return this.#connection.onState(listener);
  }

  onChange(listener) {
    checkKind('onChange', listener, 'function');
    return this.#changed.add(listener);
  }

  quote(request) {
    return this.#fresh().quote(request);
  }

  quotes(requests) {
    return this.#fresh().quotes(requests);
  }

  routes(...args) {
    return this.#ready().routes(...args);
  }

  pools() {
    return this.#ready().pools();
  }

  pool(poolId) {
    return this.#ready().pool(poolId);
  }

  /** Answers to one request: a new one whenever a change, a word of the service or the time makes a difference. */
  stream(request, options = {}) {
    const { signal, onState } = streamOptions(options);
    // A request that cannot be written is refused here, not at the first change.
    requestText(request);
    return new Answers({ way: this, signal, start: (answers) => this.#answer(request, answers, onState) });
  }

  #answer(request, answers, onState) {
    const ask = () => {
      try {
        answers.show(this.quote(request));
      } catch (error) {
        if (error instanceof DlmmError && error.code !== 'INTERNAL') answers.show(error.toJSON());
        else answers.end(error);
      }
    };
    // What no event tells: state grows old, and a comment ends that.
    const clock = setInterval(ask, this.#tickMs);
    const ends = [this.#confirmed.add(ask), this.onState(onState), this.#ended.add(() => answers.end()), () => clearInterval(clock)];
    if (this.#closed) answers.end();
    else ask();
    return () => ends.forEach((end) => end());
  }

  /** Stops following and gives the memory back. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort();
    this.#ended.tell();
    this.#engine?.free();
    this.#engine = undefined;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.close();
  }

  /** The engine, with the time up to now counted to the age of its state. */
  #fresh() {
    const engine = this.#ready();
    const { ageMs, state } = this;
    if (this.#maxAgeMs !== undefined && ageMs > this.#maxAgeMs) {
      const age_ms = Number.isFinite(ageMs) ? ageMs : null;
      throw new DlmmError('NOT_LIVE', `the service last confirmed this state ${age_ms === null ? 'at an unknown time' : `${age_ms} ms ago`}; the limit is ${this.#maxAgeMs} ms`, { state, age_ms, max_age_ms: this.#maxAgeMs });
    }
    const now = this.#now();
    if (now - this.#toldAt >= AGE_STEP_MS) {
      engine.applyUpdate({}, { takenAt: now });
      this.#toldAt = now;
    }
    return engine;
  }

  /** What the clock of the service shows now, going by when it said so last. */
  #now() {
    return this.#takenAt + Math.max(0, Date.now() - this.#arrivedAt);
  }

  #ready() {
    if (this.#engine === undefined) throw new DlmmError('ENGINE_FREED', 'this live engine was closed');
    return this.#engine;
  }

  /** What the loop that follows needs; kept from callers. */
  static feedOf(live, market) {
    return live.#feed(market);
  }

  static connectionOf(live) {
    return live.#connection;
  }

  #feed({ query, load, poller, onReady }) {
    const place = (engine) => {
      if (this.#closed) return engine.free();
      const before = this.#engine;
      this.#engine = engine;
      before?.free();
      this.#moved(engine.takenAt.getTime());
      this.#connection.live();
      onReady();
      this.#changed.tell({ pools: undefined });
      this.#confirmed.tell();
    };
    return {
      path: '/changes',
      query,
      isFinal: (error) => this.#engine === undefined && FINAL.includes(error.code),
      take: ({ event, data, id }) => {
        if (event === 'refused') return this.#refused(new Refused(JSON.parse(data)));
        if (event !== 'snapshot' && event !== 'changes') return false;
        // A stream that goes on tells what differs from its own last event. What was back as it was then it would not tell.
        if (event === 'changes' && this.#asked) throw new Parted('the state was asked for in between');
        poller.forget();
        if (event === 'snapshot') place(load(data));
        else this.#update(JSON.parse(data));
        this.#asked = false;
        this.#id = id ?? this.#id;
        return true;
      },
      poll: async (signal) => {
        const { text, etag, heartbeatMs, blockHeight } = await poller.ask(signal);
        return () => {
          this.#id = undefined;
          this.#asked = true;
          if (text === undefined) return this.#update({ keys: {}, heartbeat_ms: heartbeatMs, block_height: blockHeight });
          place(load(text));
          poller.placed(etag);
        };
      },
    };
  }

  /** The stream goes on, and its next event says that this is over. */
  #refused(error) {
    if (this.#engine === undefined && FINAL.includes(error.code)) throw error;
    this.#connection.stale(error);
    return true;
  }

  #update({ keys, taken_at, heartbeat_ms, block_height }) {
    if (this.#engine === undefined) throw new Error('changes came before a snapshot');
    this.#engine.applyUpdate(keys, { takenAt: taken_at ?? this.#now(), heartbeatMs: heartbeat_ms, blockHeight: block_height });
    this.#moved(this.#engine.takenAt.getTime());
    this.#connection.live();
    const pools = poolsOf(keys);
    if (pools.length > 0) this.#changed.tell({ pools });
    this.#confirmed.tell();
  }

  #moved(takenAt) {
    this.#takenAt = takenAt;
    this.#toldAt = takenAt;
    this.#arrivedAt = Date.now();
  }
}

/** Pools of keys such as `pool:ID` and `bin:ID:500`. */
function poolsOf(keys) {
  const ids = Object.keys(keys).map((key) => key.replace(/^bin:(.*):-?\d+$/, '$1').replace(/^pool:/, ''));
  return [...new Set(ids)];
}
