import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Where ports are looked for: below those that systems hand out to outgoing connections, which could take a port in
 * the seconds between its choice and its use.
 */
const FIRST = 20_000;
const END = 30_000;

/** Gives a port of 127.0.0.1 that nobody listens on. */
export async function freePort() {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
}

/** Gives the next port of 127.0.0.1 above this one that nobody listens on; any one where there is none above it. */
export async function freePortAfter(port) {
  for (let next = port + 1; next <= 65_535; next += 1) if (await isFree(next)) return next;
  return freePort();
}

/** Says whether `port` of 127.0.0.1 can be listened on. */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
