// Asks a service for a quote with its plan.
import type { Plan, Quote, QuoteFailure } from 'dlmm-quote';

export interface Trade {
  token_in: string;
  token_out: string;
  /** Whole tokens, as text: a number would be a float. */
  amount_in: string;
  slippage_bps: number;
}

/** The quote of a service, with the plan for `sender`; throws what the service refuses. */
export async function quoteWithPlan(service: string, trade: Trade, sender: string): Promise<Quote & { plan: Plan }> {
  const body = JSON.stringify({ ...trade, plan: { sender, mode: 'auto' } });
  const response = await fetch(new URL('quote', service), { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const answer = (await response.json()) as Quote | QuoteFailure;
  if (!answer.success) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  if (answer.plan === undefined) throw new Error('the answer has no plan');
  return { ...answer, plan: answer.plan };
}

/** What a wallet should say before its user signs. */
export function inWords({ plan, drift = [] }: Quote & { plan: Plan }): string[] {
  const conditions = plan.post_conditions.map(
    ({ principal, asset, condition, amount }) => `${principal} sends ${condition === 'sent_at_most' ? 'at most' : 'at least'} ${amount} of ${asset}`,
  );
  const worse = drift.map(({ bins, amount_out_atomic, result }) =>
    result === 'passes' ? `${bins} bins worse: you get ${amount_out_atomic}` : `${bins} bins worse: the transaction fails`,
  );
  const lasts = plan.holds === 'within_minimum' ? 'It passes wherever it gives the minimum.' : 'It fails if the market moves first.';
  return [`You get at least ${plan.minimum_received_atomic}, or nothing is traded.`, lasts, ...conditions, ...worse];
}
