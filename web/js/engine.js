import { Engine, verify as verifyQuote } from '#wasm';
import { DlmmError, invalidRequest } from './error.js';
import { fetchSnapshot } from './fetch-snapshot.js';
import { guard } from './instance.js';
import { requestText } from './request-text.js';

/** Refusals of one request among many; any other failure ends the whole call. */
const NO_ANSWER_AT_ALL = ['INTERNAL', 'ENGINE_NOT_READY', 'ENGINE_FREED'];

/** From here on RFC 3339 has no text for a time, so an answer could not say it. */
const YEAR_10000 = Date.UTC(10_000, 0);

/** A market in memory that answers quotes. */
export class QuoteEngine {
  #engine;

  constructor(engine) {
    if (!(engine instanceof Engine)) throw invalidRequest('snapshot', 'is read by QuoteEngine.fromSnapshot');
    this.#engine = engine;
  }

  static fromSnapshot(snapshot, options) {
    const source = ArrayBuffer.isView(snapshot)
      ? new Uint8Array(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength)
      : snapshot;
    const settings = options === undefined ? undefined : entriesOf('options', options);
    return guard(() => new QuoteEngine(new Engine(source, settings)));
  }

  static async fromUrl(url, { fetch, init, ...options } = {}) {
    return QuoteEngine.fromSnapshot(await fetchSnapshot(url, { fetch, init }), options);
  }

  quote(request) {
    const fields = entriesOf('request', request);
    const text = requestText(fields);
    return JSON.parse(this.#run((engine) => (text === undefined ? engine.quote(fields) : engine.quoteText(text))));
  }

  quotes(requests) {
    if (!Array.isArray(requests)) throw invalidRequest('requests', 'must be a list');
    return requests.map((request) => {
      try {
        return this.quote(request);
      } catch (error) {
        if (!(error instanceof DlmmError) || NO_ANSWER_AT_ALL.includes(error.code)) throw error;
        return error.toJSON();
      }
    });
  }

  routes(tokenIn, tokenOut, { max_hops } = {}) {
    if (typeof tokenIn !== 'string') throw invalidRequest('token_in', 'must be a string');
    if (typeof tokenOut !== 'string') throw invalidRequest('token_out', 'must be a string');
    if (max_hops !== undefined && typeof max_hops !== 'number') throw invalidRequest('max_hops', 'must be a number');
    return JSON.parse(this.#run((engine) => engine.routes(tokenIn, tokenOut, max_hops)));
  }

  pools() {
    return JSON.parse(this.#run((engine) => engine.pools()));
  }

  pool(poolId) {
    if (typeof poolId !== 'string') throw invalidRequest('pool_id', 'must be a string');
    return JSON.parse(this.#run((engine) => engine.pool(poolId)));
  }

  applyUpdate(values, { takenAt } = {}) {
    const entries = entriesOf('values', values);
    const readAt = takenAt === undefined ? undefined : milliseconds(takenAt);
    this.#run((engine) => {
      engine.applyUpdate(entries);
      if (readAt !== undefined) engine.readAtMs = readAt;
    });
  }

  verify(quote) {
    return verify(quote);
  }

  get takenAt() {
    return new Date(this.#run((engine) => engine.readAtMs));
  }

  free() {
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine !== undefined) guard(() => engine.free());
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  #run(work) {
    if (this.#engine === undefined) throw new DlmmError('ENGINE_FREED', 'this engine was freed');
    return guard(() => work(this.#engine));
  }
}

/** Computes a quote anew from the state it carries. */
export function verify(quote) {
  if (typeof quote !== 'string' && (quote === null || typeof quote !== 'object')) {
    throw invalidRequest('quote', 'must be a quote, or its JSON text');
  }
  // Whatever a JSON parser has made of its numbers is undone by the check itself.
  const text = typeof quote === 'string' ? quote : jsonOf(quote);
  const { digest_matches, differences } = guard(() => verifyQuote(text));
  return { equal: digest_matches && differences.length === 0, digest_matches, differences };
}

/** Its JSON text; an object that is in itself, or holds a bigint, has none. */
function jsonOf(quote) {
  let text;
  try {
    text = JSON.stringify(quote);
  } catch (error) {
    throw invalidRequest('quote', `is no JSON: ${error.message}`);
  }
  if (typeof text !== 'string') throw invalidRequest('quote', 'is no JSON');
  return text;
}

/** A copy, so that a getter of the caller's object runs, and fails, out here. */
function entriesOf(name, object) {
  if (object instanceof Map) return new Map(object);
  if (object === null || typeof object !== 'object' || Array.isArray(object)) throw invalidRequest(name, 'must be an object');
  return { ...object };
}

function milliseconds(takenAt) {
  const at = new Date(takenAt).getTime();
  if (!(at >= 0 && at < YEAR_10000)) throw invalidRequest('takenAt', 'must be a Date, milliseconds since 1970, or a time as text');
  return at;
}
