// Keeps something in step with a service: by a stream where one gets through, else by asking again and again.
import { DlmmError } from '../error.js';
import { linked, pause, throwIfAborted } from './abort.js';
import { isEventStream, readEvents } from './event-stream.js';
import { Garbled, Lost, NoStream, Parted, Refused } from './lost.js';
import { retryAfterMs } from './service.js';
import { watchNetwork } from './wake.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Waiting and asking; tests of faults take shorter ones. */
export const PACE = {
  /** Between two questions where no stream gets through. */
  pollMs: 2 * SECOND,
  /** From one look at the stream to the next. */
  tickMs: SECOND,
  /** Looks without a word before a stream that is open counts as held back on the way: the first event comes at once. */
  ticksToFirstEvent: 10,
  /** Before the first event of a stream, the same is asked for beside it from here on. */
  besideMs: 2.5 * SECOND,
  /** Before the next attempt: doubled each time, up to the longest, and spread, so that a crowd does not return as one. */
  backOffMs: 500,
  longestBackOffMs: 30 * SECOND,
  /** How long a stream must have been good for the next failure to count as the first. */
  settledMs: 10 * SECOND,
  /** Until a stream is tried again where there is none, and where all were taken. */
  withoutStreamMs: 5 * MINUTE,
  streamsFullMs: 15 * SECOND,
};

/** A service that says 0 does not mean that it wants to be asked without a pause. */
const SHORTEST_RETRY_MS = 100;

/** A gap between two looks that means that this machine slept, or was not served for as long. */
const ASLEEP_TICKS = 10;

/** No path for a stream, or none that is served here. */
const NO_STREAM = [404, 405, 406, 501];

/**
 * Follows until `signal` aborts (an AbortError) or the service refuses for good.
 *
 * @param {object} feed
 * @param {string} feed.path of the stream, with its `query`
 * @param {(event: {event?: string, data: string}) => boolean} feed.take takes an event of the stream: whether it was one of its own. What it throws ends this stream
 * @param {(signal: AbortSignal) => Promise<() => void>} feed.poll asks once; what it gives puts the answer in place
 * @param {(error: unknown) => boolean} feed.isFinal whether asking again is of no use
 */
export async function follow(feed, { service, connection, signal, pace = PACE, streams = true }) {
  const following = new Following(feed, service, connection, signal, pace, streams);
  const unwatch = watchNetwork({ back: () => following.hurry(), gone: () => following.drop() });
  connection.begin();
  try {
    await following.run();
  } finally {
    unwatch();
  }
}

class Following {
  #attempt = 0;
  #silences = 0;
  #retryMs;
  #lastId;
  #pollUntil;
  #wake;
  #look;
  #stream;

  constructor(feed, service, connection, signal, pace, streams) {
    Object.assign(this, { feed, service, connection, signal, pace });
    this.#retryMs = pace.backOffMs * 2;
    this.#pollUntil = streams ? 0 : Infinity;
  }

  /** The network is back, or somebody looks: what waits goes on at once. */
  hurry() {
    this.#wake?.();
    this.#look?.();
  }

  /** The network is gone. */
  drop() {
    const error = new DlmmError('SERVICE_UNREACHABLE', 'this device is offline', { path: this.feed.path, reason: 'this device is offline' });
    this.connection.offline(error);
    this.#stream?.abort(error);
  }

  async run() {
    for (;;) {
      throwIfAborted(this.signal);
      const polling = Date.now() < this.#pollUntil;
      try {
        await this.#rest(polling ? await this.#poll(this.signal) : await this.#listen());
      } catch (error) {
        throwIfAborted(this.signal);
        const wait = this.#afterFailure(error, polling);
        if (wait > 0) await this.#rest(wait);
      }
    }
  }

  #rest(ms) {
    return pause(ms, this.signal, (wake) => (this.#wake = wake));
  }

  #afterFailure(error, polling) {
    // The service has just been heard, and the state was just asked for: nothing is wrong.
    if (error instanceof Parted) return this.#backOff();
    if (!polling && this.#withoutStream(error)) return 0;
    if (error instanceof DlmmError && !(error instanceof Garbled) && this.feed.isFinal(error)) throw error;
    this.#tell(error);
    if (error instanceof Lost && error.asleep) return 0;
    return Math.max(this.#backOff(), (retryAfterMs(error) ?? 0) * (1 + Math.random() / 2));
  }

  #tell(error) {
    // A stream that breaks off was there: whether the service can be reached is for the next attempt to say.
    if (error?.code === 'SERVICE_UNREACHABLE' && !(error instanceof Lost)) this.connection.offline(error);
    else this.connection.stale(error);
  }

  /** Whether streams do not get through, so that asking has to do. */
  #withoutStream(error) {
    if (error?.code === 'STREAMS_FULL') return this.#pollFor(Math.max(this.pace.streamsFullMs, retryAfterMs(error) ?? 0));
    // A silence may be chance once.
    if (error instanceof Lost) this.#silences = error.silent && !error.asleep ? this.#silences + 1 : 0;
    return error instanceof NoStream || this.#silences >= 2 ? this.#pollFor(this.pace.withoutStreamMs) : false;
  }

  #pollFor(ms) {
    this.#silences = 0;
    this.#pollUntil = Date.now() + spread(ms);
    return true;
  }

  #backOff() {
    const { backOffMs, longestBackOffMs } = this.pace;
    this.#attempt += 1;
    return spread(Math.min(longestBackOffMs, backOffMs * 2 ** (this.#attempt - 1)));
  }

  /** Asks once, and gives how long to wait before the next time. */
  async #poll(signal) {
    const askedAt = Date.now();
    const place = await this.feed.poll(signal);
    throwIfAborted(signal);
    place();
    // What is here now is of another moment than the last event.
    this.#lastId = undefined;
    this.#attempt = 0;
    // The answer may have lain here while this machine slept: it is as old as the question.
    this.connection.live(askedAt);
    return spread(this.pace.pollMs);
  }

  /** One stream, from its opening to its end, as the service ends it after some minutes. Gives how long to wait before the next one. */
  async #listen() {
    const { feed, connection, service, signal } = this;
    const stream = (this.#stream = linked(signal));
    const beside = linked(stream.signal);
    const watch = this.#watch(stream);
    this.#askBeside(beside.signal, watch);
    try {
      const response = await service.send(feed.path, { query: feed.query, headers: this.#headers(), signal: stream.signal });
      watch.reached = true;
      if (!response.ok) throw await this.#refusal(response, stream.signal);
      if (!response.body?.getReader || !isEventStream(response)) throw new NoStream(feed.path, 'the answer is no stream of events');
      await readEvents(feed.path, response, {
        onBytes: () => {
          // What comes after a silence may have lain here while this machine slept.
          if (connection.isSilence(Date.now() - (watch.byteAt ?? watch.askedAt))) throw new Lost(feed.path, new Error('nothing was heard for too long'), { silent: true, asleep: true });
          watch.byteAt = Date.now();
          watch.heardAt ??= watch.byteAt;
        },
        // Bytes alone confirm nothing: they may be those of a refusal. Before its first event a stream may not have looked at the
        // market yet: it is there, and knows nothing.
        onComment: () => watch.spoke && connection.heard(),
        onRetry: (ms) => (this.#retryMs = Math.min(Math.max(ms, SHORTEST_RETRY_MS), this.pace.longestBackOffMs)),
        onEvent: (event) => {
          if (!this.#take(event)) return;
          watch.spoke = true;
          beside.abort();
        },
      });
    } catch (error) {
      throwIfAborted(signal);
      if (Date.now() - watch.heardAt >= this.pace.settledMs) this.#attempt = 0;
      throw stream.signal.aborted ? stream.signal.reason : error;
    } finally {
      clearInterval(watch.timer);
      stream.abort();
      stream.unlink();
      beside.unlink();
      this.#stream = undefined;
      this.#look = undefined;
    }
    connection.stale();
    // One that ends before it has said anything is none to come back to at once.
    if (watch.heardAt === undefined) return this.#backOff();
    this.#attempt = 0;
    return spread(this.#retryMs);
  }

  #headers() {
    return { accept: 'text/event-stream', ...(this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }) };
  }

  async #refusal(response, signal) {
    const refused = await this.service.refusalOf(this.feed.path, response, signal);
    // A service that has no streams, or something on the way that lets none through; UNKNOWN_TOKEN is a 404 as well.
    const nothingThere = ['NOT_FOUND', 'METHOD_NOT_ALLOWED', 'ANSWER_INVALID'].includes(refused.code);
    return nothingThere && NO_STREAM.includes(response.status) ? new NoStream(this.feed.path, refused.message) : refused;
  }

  /** Whether the event was one of its own. */
  #take(event) {
    try {
      if (!this.feed.take(event)) return false;
    } catch (error) {
      if (error instanceof Refused || error instanceof Parted) throw error;
      // From here on nobody knows what this state is: the next stream begins anew.
      this.#lastId = undefined;
      throw new Garbled(this.feed.path, error);
    }
    if (event.id !== undefined) this.#lastId = event.id;
    return true;
  }

  /** Looks at the stream from time to time, and ends it where nothing comes. */
  #watch(stream) {
    const { pace, connection, feed } = this;
    const watch = { askedAt: Date.now(), reached: false, heardAt: undefined, byteAt: undefined, spoke: false, timer: undefined };
    let ticks = 0;
    let last = Date.now();
    this.#look = () => {
      const now = Date.now();
      const asleep = Math.abs(now - last) > ASLEEP_TICKS * pace.tickMs;
      last = now;
      ticks += 1;
      if (watch.heardAt !== undefined) {
        if (connection.isSilence(now - watch.byteAt)) stream.abort(new Lost(feed.path, new Error('nothing was heard for too long'), { silent: true, asleep }));
      } else if (ticks >= pace.ticksToFirstEvent) {
        const path = feed.path;
        const reason = 'no event comes';
        stream.abort(watch.reached ? new NoStream(path, reason) : new DlmmError('SERVICE_UNREACHABLE', `${path} got no answer in time`, { path, reason: 'no answer in time' }));
      }
    };
    watch.timer = setInterval(this.#look, pace.tickMs);
    return watch;
  }

  /** Asks while a stream has not said anything yet: it may be slow, or held back on the way. */
  async #askBeside(signal, watch) {
    try {
      await pause(this.pace.besideMs, signal);
      for (;;) {
        await this.#poll(signal).then(
          () => (watch.reached = true),
          (error) => {
            throwIfAborted(signal);
            this.#tell(error);
          },
        );
        await pause(spread(this.pace.pollMs), signal);
      }
    } catch {
      // The stream has spoken or ended: whoever listens to it goes on.
    }
  }
}

/** Half as much to half as much again. */
const spread = (ms) => ms * (0.5 + Math.random());
