import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../process/run.mjs';
import { Unusable } from '../terminal/steps.mjs';

/** The request of README.md for the sample, as text: JavaScript would write 1.0 as 1. */
export const QUOTE_REQUEST = '{"token_in":"BTC","token_out":"USDC","amount_in":1.0}';

/** Codes that say that the Worker and Redis are well and the data holds no such trade, or cannot be used for it. */
const ANSWERED = new Set(['STATE_INVALID', 'UNKNOWN_TOKEN', 'NO_ROUTE', 'INSUFFICIENT_LIQUIDITY', 'TOO_MANY_BINS', 'AMOUNT_TOO_SMALL']);

/** Refusals that no waiting mends, in words. */
const FINAL = {
  UNAUTHORIZED: () => 'The Worker takes no request without one of its API_KEYS. Set them in .dev.vars, where this looks for a key, or nowhere.',
  CONFIG_INVALID: ({ message }) => `The Worker cannot use a setting: ${message}. It stands in .dev.vars or wrangler.toml.`,
};

/**
 * Asks for the quote of `request`, a JSON text, until there is one, and gives its body.
 *
 * `key`: one that the service takes, where it asks for one.
 * With `anyData`, an answer that only says that the trade cannot be had is good enough: the data is somebody's own.
 */
export async function firstQuote({ url, request = QUOTE_REQUEST, key, anyData, signal, report, withinMs = 30_000 }) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask(url, request, key, signal);
    if (answer.body?.success === true) return answer.body;
    const { error } = answer.body ?? {};
    if (Object.hasOwn(FINAL, error?.code)) throw new Unusable(FINAL[error.code](error));
    if (anyData && ANSWERED.has(answer.body?.error?.code)) return answer.body;
    report(answer.text);
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new CommandFailed('first quote', `still failing: ${answer.text}`, []);
    await sleep(300, undefined, { signal });
  }
}

async function ask(url, request, key, signal) {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) };
  const options = { method: 'POST', headers, body: request };
  try {
    const response = await fetch(`${url}/quote`, {
      ...options,
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    const text = await response.text();
    return { text: `${response.status} ${text}`, body: parse(text) };
  } catch (error) {
    return { text: String(error.cause?.message ?? error.message) };
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
