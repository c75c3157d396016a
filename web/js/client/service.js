// Requests to a service, and what its answers come to: data with every digit, or a DlmmError with the code of the service.
import { DlmmError, invalidRequest } from '../error.js';
import { checkKind } from '../plain-json.js';
import { abortError, linked, pause, throwIfAborted } from './abort.js';
import { parseExact } from './exact-json.js';

const SECOND = 1_000;
/** How long a call waits for a service that says when to ask again; beyond that the caller decides. */
const LONGEST_WAIT_MS = 10 * SECOND;
const MAX_RETRIES = 2;

export class Service {
  #url;
  #headers;
  #fetch;
  #timeoutMs;

  constructor({ url, apiKey, fetch: fetchWith, timeoutMs = 10 * SECOND }) {
    this.#url = baseUrl(url);
    if (apiKey !== undefined && apiKey !== null && typeof apiKey !== 'string') throw invalidRequest('apiKey', 'must be a string');
    checkKind('fetch', fetchWith, 'function');
    if (!(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1)) throw invalidRequest('timeoutMs', 'must be a number of milliseconds');
    this.#headers = apiKey ? { 'x-api-key': apiKey } : {};
    // Looked up at each call: tests and polyfills replace the global one. Called as a function: browsers refuse it as a method.
    this.#fetch = fetchWith ?? ((...args) => globalThis.fetch(...args));
    this.#timeoutMs = timeoutMs;
  }

  /** Sends one request and gives the response when its head is there; its body ends with `signal`. */
  async send(path, { query, body, headers, signal } = {}) {
    throwIfAborted(signal);
    const text = query === undefined ? '' : String(query);
    const url = `${this.#url}${path}${text === '' ? '' : `?${text}`}`;
    const init = { method: body === undefined ? 'GET' : 'POST', body, headers: { ...this.#headers, ...headers }, signal };
    const call = this.#fetch;
    try {
      return await call(url, init);
    } catch (error) {
      throw this.#unreachable(path, error, signal);
    }
  }

  /** Asks, as often as the service says when to ask again, and gives what `read` makes of the answer. */
  async ask(path, options, read = parseExact) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(path, options, read);
      } catch (error) {
        const wait = retryAfterMs(error);
        if (wait === undefined || wait > LONGEST_WAIT_MS || attempt === MAX_RETRIES) throw error;
        await pause(wait, options.signal);
      }
    }
  }

  /** One request with a deadline; `accepts` names a status besides those of success. */
  async #once(path, options, read) {
    const call = linked(options.signal);
    const timer = setTimeout(() => call.abort(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    try {
      const response = await this.send(path, { ...options, signal: call.signal });
      const text = await this.#text(path, response, options.signal);
      if (!response.ok && response.status !== options.accepts) throw refusal(path, response, text);
      return answer(path, response, text, read);
    } catch (error) {
      throwIfAborted(options.signal);
      // The deadline aborts too, and is no abort of the caller's.
      throw error.name === 'AbortError' ? this.#unreachable(path, call.signal.reason) : error;
    } finally {
      clearTimeout(timer);
      call.unlink();
    }
  }

  async #text(path, response, signal) {
    try {
      return await response.text();
    } catch (error) {
      throw this.#unreachable(path, error, signal);
    }
  }

  #unreachable(path, error, signal) {
    if (signal?.aborted) return abortError(signal);
    const reason = String(error?.cause?.message || error?.message || error);
    return new DlmmError('SERVICE_UNREACHABLE', `${path} of ${this.#url} got no answer: ${reason}`, { path, reason });
  }

  /** Why a stream was not opened. */
  async refusalOf(path, response, signal) {
    return refusal(path, response, await this.#text(path, response, signal));
  }
}

/** How long the service asks to wait, as it says with 429 and 503; undefined where it says nothing. */
export function retryAfterMs({ details } = {}) {
  const { retry_after, retry_after_ms } = details ?? {};
  if (Number.isFinite(retry_after_ms)) return Math.max(0, retry_after_ms);
  return Number.isFinite(retry_after) ? Math.max(0, retry_after * SECOND) : undefined;
}

function answer(path, response, text, read) {
  try {
    return read(text, response);
  } catch (error) {
    if (error instanceof DlmmError) throw error;
    throw invalidAnswer(path, response, text);
  }
}

/** What the service refuses has a code; a proxy in front of it may answer with anything. */
function refusal(path, response, text) {
  const { error, request_id = null } = parsed(text) ?? {};
  const told = retryAfterHeader(response);
  if (typeof error?.code !== 'string') return invalidAnswer(path, response, text, told);
  const details = { ...error.details };
  if (told !== undefined && retryAfterMs({ details }) === undefined) details.retry_after = told;
  return new DlmmError(error.code, String(error.message), details, request_id);
}

export function invalidAnswer(path, { status }, text, told) {
  const retry = told === undefined ? {} : { retry_after: told };
  return new DlmmError('ANSWER_INVALID', `${path} was answered with status ${status}, and not by a quote service`, { path, status, reason: text.slice(0, 200), ...retry });
}

function parsed(text) {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** Seconds of the header Retry-After; a date counts from now. */
function retryAfterHeader({ status, headers }) {
  const value = headers.get('retry-after');
  if (value === null || (status !== 429 && status !== 503)) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / SECOND;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

function baseUrl(url) {
  let base;
  try {
    base = new URL(String(url), globalThis.location?.href);
  } catch {
    throw invalidRequest('url', 'must be the address of a quote service');
  }
  if (!/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '') throw invalidRequest('url', 'must be an http or https address without a user');
  return `${base.origin}${base.pathname.replace(/\/+$/, '')}`;
}
