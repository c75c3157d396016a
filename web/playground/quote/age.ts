// What an answer says of the age of its state.
import type { Outcome, Quote, Warning } from './answer.ts';

/** Warnings that go by the moment of reading, not by the state. */
const AGE_WARNINGS: ReadonlySet<string> = new Set(['AGE_UNKNOWN', 'TIME_AHEAD', 'STATE_OLD', 'HEARTBEAT_INVALID']);

/** Whether a warning is about the age of the state. */
export const isAboutAge = ({ code }: { code: string }) => AGE_WARNINGS.has(code);

/** Whether the state of a quote is old, or nobody knows how old it is. */
export const isDoubtful = ({ warnings }: Quote) => warnings.some(isAboutAge);

/** Whether this place refuses because the state is too old. */
export const isTooOld = (outcome: Outcome | undefined) => outcome?.kind === 'refusal' && outcome.refusal.code === 'STALE_STATE';

/**
 * Gives the edge's quote with the ages that its state has by now, which this browser knows where it is the same state.
 *
 * The edge's own limit decides what is old. What the edge warned of stays until the edge answers anew, or this browser has
 * heard of a later heartbeat: its own rule may be milder, and its clock wrong.
 */
export function withAgesOf(edge: Quote, browser: Quote): Quote {
  const known = new Map(browser.state.pools.map((pool) => [pool.pool_id, pool]));
  const pools = edge.state.pools.map((pool) => known.get(pool.pool_id) ?? pool);
  const hasLater = Number(browser.state.heartbeat_ms ?? 0) > Number(edge.state.heartbeat_ms ?? 0);
  const warnings = new Map<string, Warning>();
  const take = (warning: Warning) => isAboutAge(warning) && warnings.set(nameOf(warning), warning);
  if (!hasLater) edge.warnings.forEach(take);
  browser.warnings.forEach(take);
  const old = oldest(pools, limitOf(edge, browser));
  if (old !== undefined) take(old);
  return { ...edge, state: { ...edge.state, pools }, warnings: [...edge.warnings.filter((warning) => !isAboutAge(warning)), ...warnings.values()] } as Quote;
}

/** A quote has one `STATE_OLD`, of its oldest pool; of the others one for each pool. */
const nameOf = (warning: Warning) => (warning.code === 'STATE_OLD' ? warning.code : `${warning.code} ${'pool_id' in warning ? warning.pool_id : ''}`);

/** The stricter of the two. */
function limitOf(...quotes: Quote[]): number | undefined {
  const limits = quotes.flatMap(({ state }) => state.warn_age_ms ?? []);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function oldest(pools: Quote['state']['pools'], limit: number | undefined): Warning | undefined {
  const [first] = pools.flatMap(({ pool_id, age_ms }) => (age_ms === null ? [] : [{ pool_id, age_ms }])).sort((a, b) => b.age_ms - a.age_ms);
  return first !== undefined && limit !== undefined && first.age_ms > limit ? { code: 'STATE_OLD', ...first } : undefined;
}
