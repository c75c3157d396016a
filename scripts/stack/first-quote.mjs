import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../process/run.mjs';

/** The request of README.md for the sample, as text: JavaScript would write 1.0 as 1. */
export const QUOTE_REQUEST = '{"token_in":"BTC","token_out":"USDC","amount_in":1.0}';

/** Codes that say that the Worker and Redis are well and the data holds no such trade, or cannot be used for it. */
const ANSWERED = new Set(['STATE_INVALID', 'UNKNOWN_TOKEN', 'NO_ROUTE', 'INSUFFICIENT_LIQUIDITY', 'TOO_MANY_BINS', 'AMOUNT_TOO_SMALL']);

/**
 * Asks for the quote of `request`, a JSON text, until there is one, and gives its body.
 *
 * With `anyData`, an answer that only says that the trade cannot be had is good enough: the data is somebody's own.
 */
export async function firstQuote({ url, request = QUOTE_REQUEST, anyData, signal, report, withinMs = 30_000 }) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask(url, request, signal);
    if (answer.body?.success === true) return answer.body;
    if (anyData && ANSWERED.has(answer.body?.error?.code)) return answer.body;
    report(answer.text);
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new CommandFailed('first quote', `still failing: ${answer.text}`, []);
    await sleep(300, undefined, { signal });
  }
}

async function ask(url, request, signal) {
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: request };
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
