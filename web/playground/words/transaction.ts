// The transaction that executes a quote, in plain words and as code.
import type { Drift, Plan, PostCondition } from 'dlmm-quote/slim';

/** Tells what a wallet's user should know of a condition. */
export function conditionText({ principal, asset, condition, amount }: PostCondition, sender: string): string {
  const who = principal === sender ? 'You send' : `${nameOf(principal)} sends`;
  return `${who} ${condition === 'sent_at_most' ? 'at most' : 'at least'} ${amount} ${asset === 'STX' ? 'micro-STX' : `units of ${asset.split('::')[1] ?? asset}`}.`;
}

/** The last part of a contract's principal. */
export const nameOf = (principal: string) => principal.split('.')[1] ?? principal;

/** Tells what a plan holds for. */
export function holdsText({ holds, mode, proven }: Plan): string {
  const lasts =
    holds === 'within_minimum'
      ? 'It passes as long as it gives the minimum; bins may move.'
      : 'It is made for the state of this quote, and fails if somebody trades first.';
  const proof = proven ? '' : ' This router was not run: its functions are known by hearsay.';
  return `Mode ${mode}. ${lasts}${proof}`;
}

/** Tells what becomes of a plan where the market moves. */
export function driftText({ bins, amount_out_atomic, result }: Drift): string {
  const moved = `${bins} ${bins === 1 ? 'bin' : 'bins'} worse`;
  return result === 'passes' ? `${moved}: it gives ${amount_out_atomic} units.` : `${moved}: it fails, and nothing is traded.`;
}

/** The call as code for @stacks/transactions and @stacks/connect. */
export function callCode(plan: Plan): string {
  const args = plan.args_hex.map((hex) => `    '${hex}',`);
  const conditions = plan.post_conditions.map(({ principal, asset, condition, amount }) => {
    const pc = `Pc.principal('${principal}').willSend${condition === 'sent_at_most' ? 'Lte' : 'Gte'}(${amount}n)`;
    const [contract, name] = asset.split('::');
    return `    ${asset === 'STX' ? `${pc}.ustx()` : `${pc}.ft('${contract}', '${name}')`},`;
  });
  return [
    "import { request } from '@stacks/connect';",
    "import { deserializeCV, Pc } from '@stacks/transactions';",
    '',
    "await request('stx_callContract', {",
    `  contract: '${plan.contract}',`,
    `  functionName: '${plan.function}',`,
    '  functionArgs: [',
    ...args,
    '  ].map((hex) => deserializeCV(hex)),',
    `  postConditionMode: '${plan.post_condition_mode}',`,
    '  postConditions: [',
    ...conditions,
    '  ],',
    '});',
  ].join('\n');
}
