// From a plan to what a wallet is asked: no network, no key, nothing is sent.
import { Cl } from '@stacks/transactions';
import type { CallContractParams } from '@stacks/connect';
import type { ClarityValue as Value, PostCondition } from '@stacks/transactions';
import type { ClarityValue, Plan, PostCondition as Condition } from 'dlmm-quote';

/** The options of `request('stx_callContract', …)` of @stacks/connect. */
export function contractCall(plan: Plan): Required<CallContractParams> {
  return {
    contract: plan.contract as `${string}.${string}`,
    functionName: plan.function,
    functionArgs: plan.args.map(clarityValue),
    postConditionMode: plan.post_condition_mode,
    postConditions: plan.post_conditions.map(postCondition),
    network: /^S[PM]/.test(plan.contract) ? 'mainnet' : 'testnet',
  };
}

/** A value of the plan as @stacks/transactions has it; its bytes are those of `args_hex`. */
export function clarityValue(value: ClarityValue): Value {
  if ('uint' in value) return Cl.uint(value.uint);
  if ('int' in value) return Cl.int(value.int);
  if ('bool' in value) return Cl.bool(value.bool);
  if ('principal' in value) return Cl.principal(value.principal);
  if ('list' in value) return Cl.list(value.list.map(clarityValue));
  if ('tuple' in value) {
    return Cl.tuple(Object.fromEntries(Object.entries(value.tuple).map(([name, entry]) => [name, clarityValue(entry)])));
  }
  return Cl.none();
}

/** A condition of the plan as @stacks/transactions has it. */
export function postCondition({ principal, asset, condition, amount }: Condition): PostCondition {
  const bound = { address: principal, condition: condition === 'sent_at_most' ? 'lte' : 'gte', amount } as const;
  if (asset === 'STX') return { type: 'stx-postcondition', ...bound };
  return { type: 'ft-postcondition', asset: asset as `${string}.${string}::${string}`, ...bound };
}
