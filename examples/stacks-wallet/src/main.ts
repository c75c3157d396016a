// A button of a page: quote, plan, and only on the user's click the wallet.
import type { request } from '@stacks/connect';
import { contractCall } from './contract-call.ts';
import { inWords, quoteWithPlan, type Trade } from './quote.ts';

/** Prepares a trade. Nothing is sent: `sign` opens the wallet, which asks its user, and is for a click. */
export async function prepare(service: string, trade: Trade, sender: string) {
  const quote = await quoteWithPlan(service, trade, sender);
  const call = contractCall(quote.plan);
  return { quote, call, words: inWords(quote), sign: (ask: typeof request) => ask('stx_callContract', call) };
}
