// Answers that go on: their body written piece by piece, and the subscription that tells when there is something to write.
//
// Rust asks for one piece at a time, so nothing waits in a queue here: a client that reads slowly holds back the next write,
// and what happens meanwhile is merged in Rust.
import { BROKEN, OK, headersOfAnswer, open, read, watch } from './seam.js';

/** One hub for all: the channel is one. */
const HUB = 'changes';
const HUB_URL = 'https://hub/';
/** How long the end of a body may take to go out. */
const LAST_WORDS_MS = 1000;
/** How much of a refused subscription is read. */
const REFUSAL_BYTES = 4096;

/** Begins an answer whose body is written from now on. The platform keeps the request until `close`. */
export function stream(call, status, usual, lines) {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  // Whoever stops reading is gone, whether or not the platform's signal says so too.
  writer.closed.catch(() => call.leave());
  call.writer = writer;
  call.context.waitUntil(
    new Promise((resolve) => {
      call.ended = resolve;
    }),
  );
  call.breakOff = (error) => close(call, false, error);
  watch(call);
  call.give(new Response(readable, { status, headers: headersOfAnswer(usual, lines) }));
}

/** Writes bytes, and tells when they were taken. */
export async function write(call, op, bytes) {
  const end = open(call, op);
  let status = BROKEN;
  try {
    await call.writer.write(bytes.slice());
    status = OK;
  } catch {
    // The client is gone.
  }
  end(status);
}

/** Ends the body and all that was begun for it. One that is not whole breaks off: no client takes it for all there was. */
export function close(call, isWhole, error = new Error('the client reads too slowly')) {
  unsubscribe(call);
  const { writer } = call;
  // A client that is gone takes no end, and nobody waits for it.
  const ended = isWhole && !call.gone ? writer.close() : call.gone ? undefined : writer.abort(error);
  Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]).then(call.ended, call.ended);
}

/**
 * Subscribes to a channel: 200 once it stands, else what the database said. Where a hub is bound it has the one subscription
 * to the database, and passes on what it hears.
 */
export async function subscribe(call, op, { subscribe, listen }, channel) {
  const end = open(call, op);
  const controller = new AbortController();
  call.unsubscribe = () => controller.abort();
  let status = BROKEN;
  let bytes;
  try {
    const url = subscribe + encodeURIComponent(channel);
    const init = { method: 'POST', headers: listen, redirect: 'manual', signal: controller.signal };
    const hub = call.env.STREAM_HUB;
    const reply = await (hub === undefined ? fetch(url, init) : hub.get(hub.idFromName(HUB)).fetch(HUB_URL, { ...init, headers: { ...listen, 'x-upstream': url } }));
    if (reply.status === 200 && reply.body !== null) {
      call.reader = reply.body.getReader();
    } else {
      bytes = await read(reply, REFUSAL_BYTES, REFUSAL_BYTES);
    }
    status = reply.status;
  } catch {
    // Not to be reached, or no longer wanted.
  }
  end(status, bytes);
}

/** The next bytes of the subscription; `BROKEN` once there are no more. */
export async function heard(call, op) {
  const end = open(call, op);
  let status = BROKEN;
  let bytes;
  try {
    const { done, value } = await call.reader.read();
    if (!done) {
      status = OK;
      bytes = value;
    }
  } catch {
    // It broke off.
  }
  end(status, bytes);
}

/** Ends the subscription. */
export function unsubscribe(call) {
  call.unsubscribe?.();
  call.unsubscribe = undefined;
  call.reader = undefined;
}
