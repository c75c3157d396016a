import { Engine, verify as verifyQuote } from '#wasm';
import { checkedAlone } from './batch.js';
import { withBigints } from './bigints.js';
import { DlmmError, invalidRequest } from './error.js';
import { fetchSnapshot } from './fetch-snapshot.js';
import { guard } from './instance.js';
import { checkKind, checkNames, entriesOf, fieldJson, objectJson } from './plain-json.js';
import { requestText } from './request-text.js';
import { isAmount, snapshotText } from './snapshot-text.js';

/** Refusals of one request among many; any other failure ends the whole call. */
const NO_ANSWER_AT_ALL = ['INTERNAL', 'ENGINE_NOT_READY', 'ENGINE_FREED'];

/** From here on RFC 3339 has no text for a time, so an answer could not say it. */
const YEAR_10000 = Date.UTC(10_000, 0);

/** Requests of one batch, at most. */
const MAX_BATCH = 100;

/** Options of an engine: what stands for one that is not given, and the least and the largest value. The defaults are those of the Worker. */
const OPTIONS = {
  defaultFeeBps: [10, 0, 9_999],
  maxCandidatePools: [64, 1, 65_535],
  // Not given, a minute, and only where there is a heartbeat.
  warnStateAgeMs: [undefined, 0, Number.MAX_SAFE_INTEGER],
};

/** Where an engine keeps its part in WebAssembly. Not a private field: through a proxy, as reactive frameworks put around what they hold, there is none. */
const ENGINE = Symbol('engine');
const RUN = Symbol('run');
const ROUTER = Symbol('router');

/** A market in memory that answers quotes. */
export class QuoteEngine {
  // As of `DlmmError`.
  static get name() {
    return 'QuoteEngine';
  }

  constructor(engine, router) {
    if (!(engine instanceof Engine)) throw invalidRequest('snapshot', 'is read by QuoteEngine.fromSnapshot');
    Object.defineProperty(this, ENGINE, { value: engine, writable: true });
    Object.defineProperty(this, ROUTER, { value: router });
  }

  /** Vue puts no proxy around what says so: nothing in an engine is there to be watched. */
  get __v_skip() {
    return true;
  }

  static fromSnapshot(snapshot, options = {}) {
    const { router, defaultFeeBps, maxCandidatePools, warnStateAgeMs } = engineOptions(options);
    const text = snapshotText(snapshot);
    return guard(() => new QuoteEngine(new Engine(text, defaultFeeBps, maxCandidatePools, Date.now(), warnStateAgeMs, router), router));
  }

  static async fromUrl(url, options = {}) {
    // Of a class, `fetch` may be a method.
    const { fetch = options.fetch, init = options.init, ...own } = Object.fromEntries(entriesOf('options', options));
    checkKind('fetch', fetch, 'function');
    if (init !== null) checkKind('init', init, 'object');
    // Before anything is fetched.
    engineOptions(own);
    return QuoteEngine.fromSnapshot(await fetchSnapshot(url, { fetch, init }), own);
  }

  quote(request) {
    const text = requestText(request);
    return withBigints(JSON.parse(this[RUN]((engine) => engine.quote(text))));
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

  routes(tokenIn, tokenOut, options = {}) {
    checkNames(options, ['max_hops']);
    const { max_hops } = options;
    if (typeof tokenIn !== 'string') throw invalidRequest('token_in', 'must be a string');
    if (typeof tokenOut !== 'string') throw invalidRequest('token_out', 'must be a string');
    if (max_hops !== undefined && typeof max_hops !== 'number') throw invalidRequest('max_hops', 'must be a number');
    return JSON.parse(this[RUN]((engine) => engine.routes(tokenIn, tokenOut, max_hops)));
  }

  pools() {
    return JSON.parse(this[RUN]((engine) => engine.pools()));
  }

  pool(poolId) {
    if (typeof poolId !== 'string') throw invalidRequest('pool_id', 'must be a string');
    return JSON.parse(this[RUN]((engine) => engine.pool(poolId)));
  }

  applyUpdate(values, options = {}) {
    checkNames(options, ['takenAt', 'heartbeatMs', 'blockHeight']);
    const { takenAt, heartbeatMs, blockHeight } = options;
    const text = objectJson(entriesOf('values', values).map(([key, value]) => [key, storedJson(key, value)]));
    const readAt = takenAt === undefined ? undefined : milliseconds(takenAt);
    const beat = storedText('heartbeatMs', heartbeatMs, 'milliseconds since 1970');
    const height = storedText('blockHeight', blockHeight, 'the height of a block');
    this[RUN]((engine) => {
      engine.applyUpdate(text);
      if (readAt !== undefined) engine.readAtMs = readAt;
      if (beat !== undefined) engine.setHeartbeat(beat ?? undefined);
      if (height !== undefined) engine.setBlockHeight(height ?? undefined);
    });
  }

  verify(quote, own = {}) {
    const known = Object.fromEntries(entriesOf('options', own).filter(([, value]) => value !== undefined));
    return verify(quote, { router: this[ROUTER], ...known });
  }

  get takenAt() {
    return new Date(this[RUN]((engine) => engine.readAtMs));
  }

  free() {
    const engine = this[ENGINE];
    this[ENGINE] = undefined;
    if (engine !== undefined) guard(() => engine.free());
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  [RUN](work) {
    if (this[ENGINE] === undefined) throw new DlmmError('ENGINE_FREED', 'this engine was freed');
    return guard(() => work(this[ENGINE]));
  }
}

function engineOptions(options) {
  const { router, ...numbers } = Object.fromEntries(entriesOf('options', options));
  checkRouter(router);
  return { router, ...settingsOf(numbers) };
}

/** What a caller may know by himself of a quote that he checks. */
const OWN = ['request', 'snapshot', 'router', 'batch', ...Object.keys(OPTIONS)];

/** Computes a quote anew from the state it carries, and compares it with what the caller knows by himself. */
export function verify(quote, own = {}) {
  if (typeof quote !== 'string' && (quote === null || typeof quote !== 'object')) {
    throw invalidRequest('quote', 'must be a quote, or its JSON text');
  }
  // Whatever a JSON parser has made of its numbers is undone by the check itself.
  const text = typeof quote === 'string' ? quote : quoteText(quote);
  const known = Object.fromEntries(entriesOf('options', own).filter(([, value]) => value !== undefined));
  for (const name of Object.keys(known)) if (!OWN.includes(name)) throw invalidRequest(name, 'is not an option of verify');
  const { request, snapshot, router, batch, ...settings } = known;
  checkRouter(router);
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1 && batch <= MAX_BATCH)) throw invalidRequest('batch', `must be a whole number from 1 to ${MAX_BATCH}`);
  const { defaultFeeBps, maxCandidatePools, warnStateAgeMs } = settingsOf(settings);
  const asked = request === undefined ? undefined : requestText(request);
  const state = snapshot === undefined ? undefined : snapshotText(snapshot);
  const { digest_matches, differences, moved, unproven } = checkedAlone(text, () =>
    guard(() => {
      if (state === undefined) return verifyQuote(text, asked, settings.defaultFeeBps, router, batch);
      const engine = new Engine(state, defaultFeeBps, maxCandidatePools, Date.now(), warnStateAgeMs, router);
      try {
        return engine.verify(text, asked, settings.defaultFeeBps, batch);
      } finally {
        engine.free();
      }
    }),
  );
  const equal = digest_matches && differences.length === 0 && moved.length === 0;
  return { equal, digest_matches, differences, ...(state === undefined ? {} : { moved }), ...(unproven.length > 0 && { unproven }) };
}

/** Whether a text is one, WebAssembly says. */
function checkRouter(router) {
  if (router !== undefined && typeof router !== 'string') throw invalidRequest('router', 'must be the principal of a contract');
}

/** Its JSON text; an object that is in itself, or holds a bigint, has none. */
function quoteText(quote) {
  let text;
  try {
    text = JSON.stringify(quote);
  } catch (error) {
    throw invalidRequest('quote', `is not JSON: ${error.message}`);
  }
  if (typeof text !== 'string') throw invalidRequest('quote', 'is not JSON');
  return text;
}

/** What the engine stores under a key: text, or an object to be written as text; null for a key that is gone. */
function storedJson(key, value) {
  if (value === undefined) throw invalidRequest(key, 'must be text, an object or null');
  return fieldJson(key, value, isAmount);
}

function settingsOf(options) {
  const settings = {};
  for (const [name, [usual]] of Object.entries(OPTIONS)) settings[name] = usual;
  for (const [name, value] of entriesOf('options', options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw invalidRequest(name, 'is not an option of an engine');
    if (value === undefined) continue;
    const [, min, max] = OPTIONS[name];
    if (!(Number.isInteger(value) && value >= min && value <= max)) {
      throw invalidRequest(name, `must be a whole number from ${min} to ${max}`);
    }
    settings[name] = value;
  }
  return settings;
}

/** A number of the metadata as Redis stores it; null where there is none, undefined where nothing is said. */
function storedText(name, value, what) {
  if (value === undefined || value === null || typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw invalidRequest(name, `must be ${what}, its text, or null`);
}

function milliseconds(takenAt) {
  // Null, booleans and lists would be a time as well, in 1970 or in the year that a list begins with.
  const isTime = ['number', 'string'].includes(typeof takenAt) || Object.prototype.toString.call(takenAt) === '[object Date]';
  const at = isTime ? new Date(takenAt).getTime() : NaN;
  if (!(at >= 0 && at < YEAR_10000)) throw invalidRequest('takenAt', 'must be a Date, milliseconds since 1970, or a time as text');
  return at;
}
