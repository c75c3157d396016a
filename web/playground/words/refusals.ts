// Refusals as sentences, by code, with the ways out that one click can take.
import type { Refusal } from '../quote/answer.ts';
import { LIMITS, type Trade } from '../trade/trade.ts';
import { exact, fromUnits } from './numbers.ts';
import { duration } from './time.ts';

export interface WayOut {
  label: string;
  change: Partial<Trade>;
}

export interface Explanation {
  title: string;
  text: string;
  ways: WayOut[];
}

/** Gives the decimals of a token, `undefined` where they are not known. */
export type DecimalsOf = (token: string) => number | undefined;

const PARTIAL: WayOut = { label: 'Take the part that fits', change: { allow_partial: true } };
const NO_FILTERS: WayOut = { label: 'Allow all pools and tokens', change: { via: '', pools: '', exclude_pools: '' } };
const MOST_HOPS = 4;
const MOST_BINS = 1001;

/** Explains a refusal of this trade. */
export function explainRefusal({ code, message, details }: Refusal, trade: Trade, decimalsOf: DecimalsOf): Explanation {
  const explain = (title: string, text: string, ...ways: (WayOut | undefined)[]): Explanation => ({
    title,
    text,
    ways: ways.filter((way) => way !== undefined),
  });
  const { token_in, token_out } = trade;
  switch (code) {
    case 'UNKNOWN_TOKEN':
      return explain(`No pool holds the token ${details.token}.`, `${perhapsMeant(message)}Check the symbol, capitals included, or choose a token from the list.`);
    case 'UNKNOWN_POOL':
      return explain(`There is no pool ${details.pool_id}.`, `${perhapsMeant(message)}Check the id in the limits, or use all pools.`, NO_FILTERS);
    case 'SAME_TOKEN':
      return explain('Both sides are the same token.', 'Choose another token on one side.');
    case 'NO_ROUTE': {
      const within = details.max_hops === 1 ? 'in one hop' : `within ${details.max_hops} hops`;
      const more = { label: `Allow ${MOST_HOPS} hops`, change: { max_hops: String(MOST_HOPS) } };
      const filtered = (['via', 'pools', 'exclude_pools'] as const).some((name) => trade[name] !== LIMITS[name]);
      return explain(
        `No active pools connect ${token_in} to ${token_out} ${within}.`,
        'Pools may be paused, or the limits may rule them out.',
        Number(details.max_hops) < MOST_HOPS ? more : undefined,
        filtered ? NO_FILTERS : undefined,
      );
    }
    case 'INSUFFICIENT_LIQUIDITY':
      return thinLiquidity(details, trade, decimalsOf, explain);
    case 'TOO_MANY_BINS': {
      const needed = Number(details.needed);
      const enough = needed > 0 && needed <= MOST_BINS;
      return explain(
        'The trade needs too many bins.',
        `${details.needed === null ? 'It needs more' : `It needs ${needed}`} bins of one pool; the limit is ${details.allowed}.`,
        enough ? { label: `Allow ${needed} bins`, change: { max_bins: String(needed) } } : undefined,
        PARTIAL,
      );
    }
    case 'ANSWER_TOO_LARGE':
      return explain('The answer is too large.', 'It would list too many bins or too much state. Trade less, or allow fewer bins.');
    case 'PLAN_UNAVAILABLE':
      return explain('There is no transaction for this quote.', `${capital(String(details.reason))}: ${String(details.what)}.`);
    case 'PLAN_TOO_LARGE':
      return explain(
        'The transaction is larger than a block bears.',
        `It takes ${String(details.reads)} reads; the limit is ${String(details.limit)}. The first ${String(details.bins_that_fit)} of its bins fit: trade less.`,
      );
    case 'AMOUNT_TOO_SMALL':
      return explain('The amount is too small.', `It buys less than the smallest unit of ${token_out}. Raise it.`);
    case 'AMOUNT_OVERFLOW':
      return explain('The amount is too large.', 'It does not fit into 128 bits of smallest units.');
    case 'INVALID_REQUEST':
      return invalid(message, String(details.field), trade, decimalsOf, explain);
    case 'STALE_STATE': {
      if (details.max_age_ms === null) {
        const block = typeof details.block_height === 'number' ? `is of block ${details.block_height}` : 'is of an unknown block';
        return explain('The state of a pool is of too early a block.', `${details.pool_id} ${block}; ${details.min_block_height} is asked for.`);
      }
      const age = typeof details.age_ms === 'number' ? `is ${duration(details.age_ms)} old` : 'is of unknown age';
      return explain(
        'The state of a pool is too old.',
        `${details.pool_id} ${age}; the limit is ${details.max_age_ms} ms.`,
        trade.max_age_ms === '' ? undefined : { label: 'Accept any age', change: { max_age_ms: '' } },
      );
    }
    case 'STATE_INVALID':
      return explain(
        'Stored state of a pool cannot be used.',
        `${details.key}: ${details.reason}.`,
        trade.strict ? { label: 'Accept contradictory state', change: { strict: false } } : undefined,
      );
    case 'REDIS_TIMEOUT':
    case 'REDIS_UNAVAILABLE':
      return explain('The edge cannot reach its Redis.', 'It gives no number without its state. Try again in a moment.');
    case 'REDIS_AUTH':
    case 'UPSTREAM_INVALID':
    case 'UPSTREAM_REFUSED':
    case 'CLUSTER_UNSUPPORTED':
    case 'CONFIG_INVALID':
      return explain('The edge is not set up correctly.', `Its operator can fix that: ${message}.`);
    case 'UNAUTHORIZED':
      return explain('This edge asks for an API key.', 'Enter it at the top of the page. Your browser still quotes from the last snapshot.');
    case 'STREAMS_FULL':
      return explain('All streams of the edge are taken.', 'Until one is free this page asks every few seconds instead.');
    case 'RATE_LIMITED':
      return explain('Too many requests.', `Wait ${details.retry_after ?? 'a few'} s and try again.`);
    case 'INTERNAL':
      return explain('Something broke on our side.', 'The log of the edge holds the cause under the request id.');
    default:
      return explain('There is no quote.', `${capital(message)}.`);
  }
}

/** What the fields of a request are called on this page. */
const LABELS: Record<string, string> = {
  ...{ amount_in: 'You pay', amount_out: 'You receive', token_in: 'Token in', token_out: 'Token out', slippage_bps: 'Slippage tolerance' },
  ...{ max_hops: 'Hops, at most', max_splits: 'Routes, at most', max_bins: 'Bins of one pool', max_age_ms: 'Oldest state, ms' },
  ...{ via: 'Only through tokens', pools: 'Only pools', exclude_pools: 'Without pools', sender: 'Who will sign', 'plan.sender': 'Who will sign' },
};

function invalid(
  message: string,
  field: string,
  trade: Trade,
  decimalsOf: DecimalsOf,
  explain: (title: string, text: string, ...ways: (WayOut | undefined)[]) => Explanation,
): Explanation {
  const label = LABELS[field];
  if (label === undefined) return explain('The request cannot be read.', `${capital(message)}.`);
  const decimals = decimalsOf(field === 'amount_in' ? trade.token_in : trade.token_out);
  const [whole = '', fraction = ''] = trade.amount.split('.');
  const fits = field.startsWith('amount_') && decimals !== undefined && fraction.length > decimals;
  const amount = fits ? `${whole}${decimals === 0 ? '' : `.${fraction.slice(0, decimals)}`}` : '';
  return explain(
    `“${label}” cannot be used as it is.`,
    `${capital(message.replace(field, 'it'))}.`,
    fits ? { label: `Use ${amount}`, change: { amount } } : undefined,
  );
}

function thinLiquidity(
  details: Record<string, unknown>,
  trade: Trade,
  decimalsOf: DecimalsOf,
  explain: (title: string, text: string, ...ways: (WayOut | undefined)[]) => Explanation,
): Explanation {
  const fixed = trade.mode === 'exact_in' ? trade.token_in : trade.token_out;
  const decimals = decimalsOf(fixed);
  const fillable = String(details.fillable);
  if (fillable === '0') {
    return explain(
      'There is no liquidity for this trade.',
      `The pools hold no ${trade.token_out} on the side that the trade would take from.`,
    );
  }
  const does = trade.mode === 'exact_in' ? 'take' : 'give';
  if (decimals === undefined) {
    return explain('There is too little liquidity.', `The pools ${does} ${exact(fillable)} smallest units of ${fixed}.`, PARTIAL);
  }
  const amount = fromUnits(fillable, decimals);
  return explain(
    'There is too little liquidity.',
    `The pools can ${does} at most ${exact(amount)} ${fixed} in this trade.`,
    { label: `Use ${exact(amount)} ${fixed}`, change: { amount } },
    PARTIAL,
  );
}

/** The question for the names that are nearly right, which a message ends with where there are some. */
function perhapsMeant(message: string): string {
  const [, question] = message.match(/; (did you mean [^?;]+\?)(?:;|$)/) ?? [];
  return question === undefined ? '' : `${capital(question)} `;
}

/** The text with a capital at its beginning. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
