import type { Quote, Warning } from '../quote/answer.ts';
import { exact } from './numbers.ts';
import { duration } from './time.ts';

/** Says a warning of a quote as a sentence. */
export function explainWarning(warning: Warning, quote: Quote): string {
  switch (warning.code) {
    case 'POOL_SKIPPED':
      return `A pool was left out because its stored state cannot be used. ${warning.key}: ${warning.reason}.`;
    case 'STATE_SUSPECT':
      return `Stored values contradict each other. ${warning.key}: ${warning.reason}.`;
    case 'DECIMALS_ASSUMED':
      return `Nothing states the decimals of ${warning.token}; 18 was assumed.`;
    case 'AGE_UNKNOWN':
      return `The age of the state of ${warning.pool_id} is unknown: neither the pool nor its producer states a time.`;
    case 'TIME_AHEAD':
      return `The state of ${warning.pool_id} is dated ${warning.ahead_ms} ms in the future, so its age is unknown.`;
    case 'STATE_OLD':
      return `The state is ${duration(warning.age_ms)} old (${warning.pool_id}): the market may have moved.`;
    case 'HEARTBEAT_INVALID':
      return `The producer's heartbeat cannot be used: it is ${warning.ahead_ms == null ? 'not a time' : `${duration(warning.ahead_ms)} in the future`}.`;
    case 'MAXIMUM_SENT_CAPPED':
      return 'With slippage, the maximum sent exceeds 128 bits, so it is capped there.';
    case 'PRICE_IMPACT_UNKNOWN':
      return 'The price impact could not be computed. It may be large.';
    case 'PARTIAL_FILL': {
      const asked = quote.mode === 'exact_in' ? quote.token_in : quote.token_out;
      return `Only a part is filled: ${exact(quote.unfilled)} ${asked} are left over.`;
    }
    case 'CANDIDATES_LIMITED':
      return `Not every pool or path was looked at (${warning.pools}); there may be a better quote.`;
    case 'SPLITS_LIMITED':
      return `The best answer would use ${warning.wanted} routes; the limit is ${warning.allowed}.`;
    case 'BINS_LIMITED':
      return `The limit of ${warning.allowed} bins kept the answer from filling more.`;
    case 'SEARCH_LIMITED':
      return `The search ended at the bound on its work (${warning.limit}); there may be a better quote.`;
    case 'FEE_EXEMPT':
      return `${warning.pool_id} takes no fees of this sender; the quote has them, so the trade may give more.`;
    case 'FILTER_UNKNOWN':
      return `${warning.field} names ${warning.name}, which is not there.`;
    case 'KEYS_LIMITED':
      return `The read was cut at ${warning.keys} keys, so bins further out are not in this quote.`;
    case 'SAMPLE_STATE':
      return 'These numbers come from the bundled sample, not from a market.';
    default:
      // An edge that is newer than this page.
      return `The engine warns: ${(warning satisfies never as Warning).code}.`;
  }
}
