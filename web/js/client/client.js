import { withBigints } from '../bigints.js';
import { invalidRequest } from '../error.js';
import { checkKind, checkNames } from '../plain-json.js';
import { requestQuery, requestText } from '../request-text.js';
import { abortError, linked, throwIfAborted } from './abort.js';
import { follow } from './follow.js';
import { LiveEngine } from './live-engine.js';
import { checkSignal, signalOf, streamOptions } from './options.js';
import { quoteStream } from './quote-stream.js';
import { Service } from './service.js';
import { SnapshotPoller } from './snapshot-poller.js';

/** The last two are for tests, which cannot wait as long as users do. */
const OPTIONS = ['url', 'apiKey', 'fetch', 'timeoutMs', 'streams', 'pace', 'quietMs'];
const LIVE_OPTIONS = ['tokens', 'pools', 'signal', 'maxAgeMs', 'onState', 'onChange', 'engine'];
const NOTHING = '{"format":"dlmm-snapshot/1","taken_at":0,"tokens":{},"pools":[]}';
/** Pools of one page of a list. */
const PAGE = 1_000;

/** A quote service. `loadEngine` gives the module of the local engine when one is wanted. */
export class Client {
  #service;
  #loadEngine;
  #following;

  constructor(options, loadEngine) {
    checkNames(options, OPTIONS);
    this.#service = new Service(options);
    this.#loadEngine = loadEngine;
    const { streams, pace, quietMs } = options;
    checkKind('streams', streams, 'boolean');
    this.#following = { streams, pace, quietMs };
  }

  async quote(request, options = {}) {
    const signal = signalOf(options);
    const body = requestText(request);
    return withBigints(await this.#service.ask('/quote', { body, signal }));
  }

  async quotes(requests, options = {}) {
    const signal = signalOf(options);
    if (!Array.isArray(requests)) throw invalidRequest('requests', 'must be a list');
    const body = `{"requests":[${requests.map(requestText).join()}]}`;
    const { answers } = await this.#service.ask('/quotes', { body, signal });
    return answers.map((answer) => (answer.success ? withBigints(answer) : answer));
  }

  stream(request, options = {}) {
    const { signal, onState } = streamOptions(options);
    const query = requestQuery(request);
    const ask = (until) => this.quote(request, { signal: until });
    return quoteStream({ service: this.#service, query, ask, signal, onState, ...this.#following });
  }

  async tokens(options = {}) {
    const signal = signalOf(options);
    return (await this.#service.ask('/tokens', { signal })).tokens;
  }

  async pairs(options = {}) {
    const signal = signalOf(options);
    return (await this.#service.ask('/pairs', { signal })).pairs;
  }

  /** All pools, page after page. */
  async pools(options = {}) {
    const signal = signalOf(options);
    const pools = [];
    let after;
    do {
      const query = new URLSearchParams({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      const page = await this.#service.ask('/pools', { query, signal });
      pools.push(...page.pools);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return pools;
  }

  async pool(poolId, options = {}) {
    const signal = signalOf(options);
    if (typeof poolId !== 'string' || poolId === '') throw invalidRequest('pool_id', 'must be a string');
    return this.#service.ask(`/pools/${encodeURIComponent(poolId)}`, { signal });
  }

  async routes(tokenIn, tokenOut, options = {}) {
    checkNames(options, ['max_hops', 'signal']);
    const { max_hops, signal } = options;
    checkSignal(signal);
    const query = new URLSearchParams({ token_in: tokenIn, token_out: tokenOut, ...(max_hops === undefined ? {} : { max_hops }) });
    return this.#service.ask('/routes', { query, signal });
  }

  /** Whether the service can quote. A service that cannot answers too, and this is no error. */
  async health(options = {}) {
    const signal = signalOf(options);
    return this.#service.ask('/health', { signal, accepts: 503 }, JSON.parse);
  }

  async liveEngine(options = {}) {
    checkNames(options, LIVE_OPTIONS);
    const { signal, maxAgeMs, onState, onChange, engine } = options;
    checkSignal(signal);
    checkKind('engine', engine, 'object');
    const query = marketQuery(options);
    throwIfAborted(signal);
    const { quietMs, pace } = this.#following;
    const live = new LiveEngine({ maxAgeMs, onState, onChange, quietMs, tickMs: pace?.tickMs, abort: () => (until.abort(), until.unlink()) });
    const until = linked(signal);
    until.signal.addEventListener('abort', () => live.close(), { once: true });
    const QuoteEngine = await this.#engineClass(engine, signal).catch((error) => {
      live.close();
      throw error;
    });
    return new Promise((resolve, reject) => {
      const feed = LiveEngine.feedOf(live, {
        query,
        load: (text) => QuoteEngine.fromSnapshot(text, engine),
        poller: new SnapshotPoller(this.#service, query),
        onReady: () => resolve(live),
      });
      follow(feed, { service: this.#service, connection: LiveEngine.connectionOf(live), signal: until.signal, ...this.#following }).catch((error) => {
        live.close();
        reject(signal?.aborted ? abortError(signal) : error);
      });
    });
  }

  async #engineClass(options, signal) {
    const { QuoteEngine } = await this.#loadEngine();
    // Options that no engine takes are refused here: later they would look like a state that cannot be read.
    QuoteEngine.fromSnapshot(NOTHING, options).free();
    throwIfAborted(signal);
    return QuoteEngine;
  }
}

function marketQuery({ tokens, pools }) {
  if ((tokens === undefined) === (pools === undefined)) throw invalidRequest('tokens', 'or pools must be given, and not both');
  const list = tokens ?? pools;
  const name = tokens === undefined ? 'pools' : 'tokens';
  if (!Array.isArray(list) || list.length === 0 || list.some((item) => typeof item !== 'string')) throw invalidRequest(name, 'must be a list of names');
  if (pools !== undefined) return new URLSearchParams({ pools: pools.join() });
  if (tokens.length !== 2) throw invalidRequest('tokens', 'must be the two tokens of a pair');
  return new URLSearchParams({ token_in: tokens[0], token_out: tokens[1] });
}
