// The hub: a Durable Object that subscribes once and tells all streams of all isolates what it hears.
//
// To a stream it looks like the database: the same lines, the same refusals. It decides nothing. Where its own subscription
// breaks, or a stream does not read, it ends theirs, and they subscribe again as they would at the database.

/** Bytes that wait for one stream; who lets more gather is let go, and comes again. */
const MAX_WAITING = 1_000_000;
/** Longest line that is kept; a longer one ends the subscription. */
const MAX_LINE = 1_000_000;
/** How long the database may take to answer, and how long it may be silent then: it shows three times within that it lives. */
const HEAD_MS = 10_000;
const SILENT_MS = 45_000;
const STREAM = { 'content-type': 'text/event-stream' };
const NEWLINE = 10;

/** The header that says where to subscribe; `streams.js` sets it. Only this Worker reaches the hub. */
const UPSTREAM = 'x-upstream';

export class StreamHub {
  /** Those who listen, each a writer and how much waits for it. */
  #listeners = new Set();
  /** The subscription, once it stands; its refusal otherwise. */
  #upstream = undefined;
  #line = new Uint8Array();

  async fetch(request) {
    const url = request.headers.get(UPSTREAM);
    const authorization = request.headers.get('authorization');
    this.#upstream ??= this.#subscribe(url, authorization);
    const refusal = await this.#upstream;
    if (refusal !== undefined) return new Response(refusal.text, { status: refusal.status });
    const { readable, writable } = new IdentityTransformStream();
    const listener = { writer: writable.getWriter(), waiting: 0 };
    this.#listeners.add(listener);
    listener.writer.closed.catch(() => this.#forget(listener));
    if (request.signal) request.signal.onabort = () => this.#forget(listener);
    // It stands for this one from here on: messages go out in whole lines.
    this.#tell(listener, new TextEncoder().encode('data: subscribe,hub,1\n\n'));
    return new Response(readable, { headers: STREAM });
  }

  /** Subscribes; gives what the database said if it does not let us. */
  async #subscribe(url, authorization) {
    const controller = new AbortController();
    const late = setTimeout(() => controller.abort(), HEAD_MS);
    try {
      const reply = await fetch(url, { method: 'POST', headers: { authorization, accept: STREAM['content-type'] }, redirect: 'manual', signal: controller.signal });
      if (reply.status !== 200) {
        this.#upstream = undefined;
        return { status: reply.status, text: (await reply.text()).slice(0, 4096) };
      }
      this.#end = () => controller.abort();
      this.#pass(reply.body.getReader(), controller);
      return undefined;
    } catch {
      this.#upstream = undefined;
      return { status: 502, text: 'the database is not to be reached' };
    } finally {
      clearTimeout(late);
    }
  }

  #end = () => {};

  /** Passes on what the subscription says, until it ends. */
  async #pass(reader, controller) {
    let silent;
    try {
      for (;;) {
        // A connection that is gone without a word would be listened to for ever.
        silent = setTimeout(() => controller.abort(), SILENT_MS);
        const { done, value } = await reader.read();
        clearTimeout(silent);
        if (done) break;
        const lines = this.#wholeLines(value);
        for (const listener of [...this.#listeners]) if (lines.length > 0) this.#tell(listener, lines);
      }
    } catch {
      // It broke off, or nobody listens any more.
    }
    clearTimeout(silent);
    this.#upstream = undefined;
    this.#line = new Uint8Array();
    for (const listener of [...this.#listeners]) this.#forget(listener);
  }

  /** The bytes up to the last end of a line; what follows waits for its own. */
  #wholeLines(bytes) {
    const all = new Uint8Array(this.#line.length + bytes.length);
    all.set(this.#line);
    all.set(bytes, this.#line.length);
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#line = all.slice(end);
    if (this.#line.length > MAX_LINE) throw new Error('a line without an end');
    return all.subarray(0, end);
  }

  #tell(listener, bytes) {
    listener.waiting += bytes.length;
    if (listener.waiting > MAX_WAITING) return this.#forget(listener);
    const took = () => (listener.waiting -= bytes.length);
    // Each reader has bytes of its own: a written buffer belongs to its stream.
    listener.writer.write(bytes.slice()).then(took, () => this.#forget(listener));
  }

  #forget(listener) {
    if (!this.#listeners.delete(listener)) return;
    listener.writer.close().catch(() => {});
    if (this.#listeners.size === 0) this.#end();
  }
}
