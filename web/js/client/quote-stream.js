// The answers of a service to one request, by its stream or by asking.
import { withBigints } from '../bigints.js';
import { DlmmError } from '../error.js';
import { linked } from './abort.js';
import { Answers } from './answers.js';
import { Connection } from './connection.js';
import { parseExact } from './exact-json.js';
import { follow } from './follow.js';

/** Refusals of the service or of what lies before it, and not of the market: they say nothing of the trade. */
const OF_THE_SERVICE = /^(REDIS|UPSTREAM)_|^(CLUSTER_UNSUPPORTED|RATE_LIMITED|INTERNAL|CONFIG_INVALID|SERVICE_UNREACHABLE|ANSWER_INVALID|STREAMS_FULL)$/;
/** Refusals that the same request gets again whatever becomes of the market. */
const FINAL = ['INVALID_REQUEST', 'UNAUTHORIZED', 'SAME_TOKEN', 'NOT_FOUND', 'METHOD_NOT_ALLOWED', 'BODY_TOO_LARGE', 'ANSWER_TOO_LARGE'];

/**
 * @param {object} options
 * @param {URLSearchParams} options.query the request
 * @param {(signal: AbortSignal) => Promise<object>} options.ask the same as a call
 */
export function quoteStream({ service, query, ask, signal, onState, quietMs, ...following }) {
  const connection = new Connection(onState, quietMs);
  const start = (answers) => {
    const until = linked();
    const feed = feedOf({ query, ask, connection, answers });
    follow(feed, { service, connection, signal: until.signal, ...following }).catch((error) => answers.end(error));
    return () => until.abort();
  };
  return new Answers({ start, way: connection, signal });
}

function feedOf({ query, ask, connection, answers }) {
  const show = (answer) => {
    if (typeof answer?.success !== 'boolean') throw new Error('it is no answer');
    const failure = answer.success ? undefined : answer.error;
    if (answer.success) withBigints(answer);
    if (OF_THE_SERVICE.test(failure?.code)) connection.stale(new DlmmError(failure.code, failure.message, failure.details, answer.request_id));
    else connection.live();
    answers.show(answer);
  };
  return {
    path: '/quote/stream',
    query,
    isFinal: ({ code }) => FINAL.includes(code),
    take: ({ event, data }) => {
      if (event !== 'quote' && event !== 'refused') return false;
      show(parseExact(data));
      return true;
    },
    poll: async (signal) => {
      const answer = await ask(signal).catch((error) => {
        if (!(error instanceof DlmmError) || FINAL.includes(error.code) || OF_THE_SERVICE.test(error.code)) throw error;
        return error.toJSON();
      });
      return () => show(answer);
    },
  };
}
