// What the gateway tests share: a Redis with a gateway in front of it, and one way to ask.
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, startRedis } from '../stack/index.mjs';

export const TOKEN = 'full-token-for-tests';
export const READ_ONLY_TOKEN = 'read-only-token-for-tests';

/** Starts a redis-server and a gateway in front of it, with both tokens; `call` asks that gateway. */
export async function startPair(redisOptions, flags) {
  const redis = await startRedis(redisOptions);
  return { redis, ...(await startFront(redis.url, flags)) };
}

/** Starts a gateway in front of the Redis at `redisUrl`, which need not be there; `flags` are more options of it. */
export async function startFront(redisUrl, flags = []) {
  const gateway = await startGateway({ redisUrl, token: TOKEN, readOnlyToken: READ_ONLY_TOKEN, flags });
  return { gateway, call: callerOf(gateway.url) };
}

/**
 * Gives a function that sends one request: with the full token unless told otherwise, and as POST where there is
 * a body. A body that is neither text nor bytes goes as JSON. The answer is status, headers, text and its JSON.
 */
export function callerOf(url) {
  return async (path, { body, token = TOKEN, method, headers = {} } = {}) => {
    const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      body: isPlain ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const { status } = response;
    return { status, headers: response.headers, text, json: text === '' ? null : JSON.parse(text) };
  };
}

/** Waits until a program's log has a line that matches: it reaches us by another way than the answers do. */
export async function logged(program, pattern) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (program.log.some((line) => pattern.test(line))) return;
    await sleep(25);
  }
  throw new Error(`nothing in the log matches ${pattern}:\n${program.log.join('\n')}`);
}
