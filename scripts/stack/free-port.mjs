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

/** How often a server looks for a port. */
const TRIES = 3;

/**
 * Starts a server on a port, or on a free one if none is wanted: on another one if some process takes it between its choice
 * and its use.
 *
 * @template S
 * @param {number | undefined} wanted
 * @param {(port: number) => Promise<S>} start whose failure has the last lines of the server as `tail`
 */
export async function onPort(wanted, start) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(wanted ?? (await freePort()));
    } catch (fault) {
      const taken = fault.tail?.some((line) => line.includes('Address already in use'));
      if (!taken || wanted !== undefined || tries === TRIES) throw fault;
    }
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
