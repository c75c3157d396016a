// The seam between the Worker's Rust and the platform: whole pieces of work, each one call and one promise.
//
// Rust decides everything: what is asked of Redis, for how long, what is answered. This file does what takes many small
// calls when it is done from wasm: it takes a request in, reads bodies, posts to Redis with a deadline, waits, and makes
// the answer. `begin` starts the work on a request, `done` tells it that something it asked for has ended; both run until
// Rust has to wait again, and neither ever waits itself.
import { begin, done } from '../../../index.js';

// What became of a piece of work, beside statuses of HTTP. `worker/src/seam/ops.rs` has the same numbers.
export const OK = 0;
const TIMEOUT = 1;
export const BROKEN = 2;
const TOO_LARGE = 3;
const ABANDONED = 4;

/** A body up to this length is read before wasm is entered. */
const SHORT_BODY = 64 * 1024;
/** How long something is waited for before the client is watched: the platform's signal costs a fifth of what a constant answer does. */
const UNWATCHED_MS = 25;

/** Counts instances of the wasm module: work that one of them began, no other can go on with. */
let instance = 0;

/** What the platform gave one request, and what is under way for it. */
class Call {
  request;
  env;
  context;
  instance = instance;
  /** The whole body, where it was read already; `null` where it broke off. */
  bytes = undefined;
  /** Whether the client has gone, as far as somebody looked. */
  gone = false;
  isWatched = false;
  /** Whether a database was asked for it. */
  hasPosted = false;
  /** The answer, once there is one. */
  response = undefined;
  resolve = undefined;
  reject = undefined;
  /** Ends everything that is waited for, as soon as the client goes. */
  ends = new Set();
  /** Breaks a stream off that nobody will write to any more. */
  breakOff = undefined;

  constructor(request, env, context) {
    this.request = request;
    this.env = env;
    this.context = context;
  }

  give(response) {
    this.response = response;
    this.resolve?.(response);
  }

  /** Nobody will answer this any more. The platform makes a 500 of it; a stream that has begun breaks off. */
  fail(error) {
    this.reject?.(error);
    this.breakOff?.(error);
  }

  leave() {
    this.gone = true;
    for (const end of [...this.ends]) end(ABANDONED);
  }
}

/** Answers a request of the platform. */
export function serve(request, env, context) {
  const call = new Call(request, env, context);
  const { method } = request;
  // Its body first: what is refused for what it says then needs one call of wasm, and nothing that outlives its client.
  if (method === 'POST' && declaredLength(request.headers) <= SHORT_BODY) return serveRead(call, method);
  return answered(call, method, Date.now());
}

/** Reads the body and goes on. The clock of the request began when it came. */
async function serveRead(call, method) {
  const arrived = Date.now();
  try {
    call.bytes = new Uint8Array(await call.request.arrayBuffer());
  } catch {
    call.bytes = null;
    watch(call);
  }
  if (call.instance !== instance) throw broke();
  return answered(call, method, arrived);
}

function answered(call, method, arrived) {
  const { request, context } = call;
  run(() => begin(call, `${method} ${request.url}`, arrived));
  if (call.response !== undefined) return call.response;
  const answer = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  // Broken off when its client goes, a request would never free what Rust holds for it: it runs to its end, soon.
  context.waitUntil(answer);
  return answer;
}

/** Looks whether the client has gone, and notices when it goes from now on. */
export function watch(call) {
  // What goes on behind an answer has no client.
  if (call.isWatched || call.request === undefined) return;
  call.isWatched = true;
  const { signal } = call.request;
  if (!signal) return;
  if (!signal.aborted) {
    signal.onabort = () => call.leave();
    return;
  }
  call.gone = true;
  // Rust may be at work at this moment.
  queueMicrotask(() => call.leave());
}

/** Goes into wasm. An instance that breaks there is used no more; the entry makes a new one for the next request. */
function run(enter) {
  try {
    enter();
  } catch (error) {
    instance += 1;
    globalThis.__worker_init_state.criticalError = true;
    throw error;
  }
}

const broke = () => new Error('the instance that worked on this request broke');

/** Tells Rust that something has ended. */
function settle(call, op, status, bytes) {
  if (call.instance !== instance) {
    call.fail(broke());
    return;
  }
  try {
    run(() => done(op, status, bytes, Date.now()));
  } catch (error) {
    call.fail(error);
  }
}

/** Something that ends once: by itself, or because the client goes. */
export function open(call, op) {
  const end = (status, bytes) => {
    if (call.ends.delete(end)) settle(call, op, status, bytes);
  };
  call.ends.add(end);
  return end;
}

/**
 * Something that ends once: by itself, by its deadline, or because the client goes.
 *
 * Most things end before anybody could make use of knowing that the client has gone, so it is watched only after a while.
 */
function once(call, op, ms) {
  let timer;
  const end = (status, bytes) => {
    if (!call.ends.delete(end)) return;
    clearTimeout(timer);
    settle(call, op, status, bytes);
  };
  const look = () => {
    timer = setTimeout(end, ms - UNWATCHED_MS, TIMEOUT);
    watch(call);
  };
  call.ends.add(end);
  timer = call.isWatched || ms <= UNWATCHED_MS ? setTimeout(end, ms, TIMEOUT) : setTimeout(look, UNWATCHED_MS);
  return end;
}

/** Everything about one database that stays the same. Tied to no request, so all of them may use it. */
export function connect(url, token) {
  // Some servers of this API answer 400 to any other content type; a string body alone would be text/plain.
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const listen = { authorization: headers.authorization, accept: 'text/event-stream' };
  return { paths: [`${url}/`, `${url}/pipeline`, `${url}/multi-exec`], subscribe: `${url}/subscribe/`, headers, listen };
}

/**
 * Posts a command, a pipeline or a transaction (`path` 0, 1, 2) to a database and reads the whole reply of at most `limit` bytes.
 * `body` is bytes of their own: the same ones may be posted again.
 *
 * No signal aborts it: that costs a tenth of a quote. What ends by its deadline or because the client goes ends the work for
 * the request, and the platform closes the connections of a request that has ended.
 */
export function post(call, op, { paths, headers }, path, body, ms, limit) {
  // For a client that has gone nothing is asked a second time.
  if (call.hasPosted) watch(call);
  call.hasPosted = true;
  const end = once(call, op, ms);
  if (call.gone) {
    queueMicrotask(() => end(ABANDONED));
    return;
  }
  // A redirect would carry the token to wherever it points.
  const init = { method: 'POST', headers, body, redirect: 'manual' };
  exchange(paths[path], init, limit, end);
}

async function exchange(url, init, limit, end) {
  let status = BROKEN;
  let bytes;
  try {
    const reply = await fetch(url, init);
    bytes = await read(reply, limit, limit);
    status = bytes === undefined ? TOO_LARGE : reply.status;
  } catch {
    // What JavaScript says of it differs from platform to platform, and helps nobody.
  }
  end(status, bytes);
}

/** Reads the body of the request: at most `limit` bytes. A longer one is still read up to `drained` bytes and thrown away. */
export function body(call, op, limit, drained) {
  const { bytes } = call;
  if (bytes === undefined) {
    readBody(call, op, limit, drained);
    return;
  }
  const status = bytes === null ? BROKEN : bytes.byteLength > limit ? TOO_LARGE : OK;
  // Rust is at work, and finds it ended when it comes to wait for it. What breaks here breaks there.
  done(op, status, status === OK ? bytes : undefined, Date.now());
}

async function readBody(call, op, limit, drained) {
  let status = BROKEN;
  let bytes;
  try {
    bytes = await read(call.request, limit, drained);
    status = bytes === undefined ? TOO_LARGE : OK;
  } catch {
    // The client broke off.
    watch(call);
  }
  settle(call, op, status, bytes);
}

/** Waits. */
export function sleep(call, op, ms) {
  once(call, op, ms);
}

/** Asks the rate limiter whether this client may ask once more: 200 or 429. One that fails says neither. */
export async function limit(call, op, key) {
  let answer = BROKEN;
  try {
    const { success } = await call.env.RATE_LIMITER.limit({ key });
    if (typeof success === 'boolean') answer = success ? 200 : 429;
  } catch {
    // It never costs a quote.
  }
  settle(call, op, answer);
}

/** The SHA-256 of bytes, by the platform's own code. Nothing holds them while it is waited for: a batch asks for many. */
export function sha256(call, op, bytes) {
  // Without it Rust digests a single answer itself; one of a batch that shares its state is refused.
  digest(bytes).then(
    (hash) => settle(call, op, OK, new Uint8Array(hash)),
    () => settle(call, op, BROKEN),
  );
}

const digest = async (bytes) => crypto.subtle.digest('SHA-256', bytes);

/** The bytes of a body; `undefined` if there are more than `limit`, declared or found. */
export async function read(message, limit, drained) {
  const length = declaredLength(message.headers);
  // One promise for the whole body instead of one a chunk.
  if (length <= limit) return new Uint8Array(await message.arrayBuffer());
  if (message.body === null) return new Uint8Array();
  const reader = message.body.getReader();
  // An unread body would hold its connection; cancelling frees it. One that cannot be cancelled is gone already.
  const cancel = () => reader.cancel().catch(() => {});
  if (length > drained) {
    await cancel();
    return undefined;
  }
  let chunks = [];
  let received = 0;
  for (;;) {
    const { done: ended, value } = await reader.read();
    if (ended) break;
    received += value.byteLength;
    if (received > drained) {
      await cancel();
      return undefined;
    }
    if (received > limit) chunks = [];
    else chunks.push(value);
  }
  return received > limit ? undefined : joined(chunks, received);
}

/** The length of a body if the headers vouch for it: a compressed body grows beyond its declared length. */
function declaredLength(headers) {
  if (headers.has('content-encoding')) return undefined;
  const text = headers.get('content-length');
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** Headers from lines of names and values, in turns. */
export function headersOf(lines) {
  const headers = {};
  add(headers, lines.split('\n'), 0);
  return headers;
}

function add(headers, parts, from) {
  for (let at = from; at + 1 < parts.length; at += 2) headers[parts[at]] = parts[at + 1];
}

/** The headers of an answer: the usual ones, and what `lines` say: id, timing, then names and values in turns. */
export function headersOfAnswer(usual, lines) {
  const parts = lines.split('\n');
  const [id, timing] = parts;
  // Literals, so that almost all answers are of one shape: the platform takes its names in by heart.
  const headers = timing === '' ? { ...usual, 'x-request-id': id } : { ...usual, 'x-request-id': id, 'server-timing': timing };
  add(headers, parts, 2);
  return headers;
}

/** Makes the answer: the usual headers and further ones. `bytes` is none where the answer has no body. */
export function answer(call, status, usual, lines, bytes) {
  try {
    const headers = headersOfAnswer(usual, lines);
    // Bytes, not a text: one copy instead of a decoding here and an encoding there.
    call.give(new Response(bytes === undefined ? null : bytes.slice(), { status, headers }));
  } catch (error) {
    call.fail(error);
  }
}

/** Work that goes on behind an answer: the platform waits for it until `end`. */
export function behind({ env, context }) {
  const call = new Call(undefined, env, context);
  context.waitUntil(
    new Promise((resolve) => {
      call.resolve = resolve;
      call.reject = resolve;
    }),
  );
  return call;
}

/** The work behind an answer is done. */
export function end(call) {
  call.resolve();
}

/** What settings are judged by of a URL, on lines of their own; nothing where it is none. */
export function urlParts(text) {
  try {
    const { href, protocol, origin, hostname, username, password } = new URL(text);
    return [href, protocol.slice(0, -1), origin, hostname, username + password].join('\n');
  } catch {
    return undefined;
  }
}

export const isGone = (call) => call.gone;
export const header = (call, name) => call.request.headers.get(name) ?? undefined;
export const environment = (call) => call.env;
