// A quote service that does what a test says, on a free port of 127.0.0.1: it speaks HTTP and server-sent events as docs/http.md says.
import { createServer } from 'node:http';
import { whenDone } from '../../e2e/stack/cleanup.mjs';

const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, if-none-match, last-event-id, x-api-key',
};

/**
 * Starts it. `answers[path]` is called with a `Call` for each request of that path; a path without one is NOT_FOUND.
 *
 * @param {Record<string, (call: Call) => unknown>} answers may be changed while it runs
 */
export async function startService(answers = {}) {
  const calls = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    // A browser asks first, because of the headers of a client.
    if (request.method === 'OPTIONS') return void response.writeHead(204, PREFLIGHT).end();
    const call = new Call(request, response, Buffer.concat(chunks).toString());
    calls.push(call);
    const answer = answers[call.path] ?? ((one) => one.refuse(404, 'NOT_FOUND'));
    await answer(call);
  });
  const listen = (port = 0) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen();
  const { port } = server.address();
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  whenDone(stop);
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    calls,
    /** Calls of one path so far. */
    of: (path) => calls.filter((call) => call.path === path),
    stop,
    /** Listens again where it did. */
    start: () => listen(port),
  };
}

/** One request, and ways to answer it. */
export class Call {
  constructor(request, response, body) {
    const url = new URL(request.url, 'http://localhost');
    Object.assign(this, { path: url.pathname, query: url.searchParams, headers: request.headers, method: request.method, body, response });
    this.closed = new Promise((resolve) => response.on('close', resolve));
  }

  json(body, { status = 200, headers = {} } = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...headers }).end(status === 304 ? undefined : text);
  }

  refuse(status, code, details = {}, headers = {}) {
    this.json({ success: false, error: { code, message: `${code}, says the test`, details }, request_id: 'f'.repeat(32) }, { status, headers });
  }

  /** Opens a stream of events. */
  open() {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    this.response.flushHeaders();
    return this;
  }

  event(name, data, id) {
    return this.raw(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }

  comment() {
    return this.raw(': still here\n\n');
  }

  raw(text) {
    this.response.write(text);
    return this;
  }

  end(retry) {
    this.response.end(retry === undefined ? '' : `retry: ${retry}\n\n`);
  }

  /** Breaks the connection off. */
  destroy() {
    this.response.destroy();
  }
}

/** Waits until `check` gives something other than undefined and false. */
export async function until(check, what = 'it', ms = 20_000) {
  // Not Date: tests set that clock.
  const end = performance.now() + ms;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A pace for tests of faults: the same steps, a hundredth as long. */
export const QUICK = {
  ...{ pollMs: 20, tickMs: 20, ticksToFirstEvent: 10, besideMs: 2_000, backOffMs: 5, longestBackOffMs: 100, settledMs: 100 },
  ...{ withoutStreamMs: 1_000, streamsFullMs: 100 },
};
