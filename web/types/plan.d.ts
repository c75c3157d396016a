import type { Units } from './numbers.js';

/** How a quote is executed. `simple`: one minimum, bins may move. `strict`: bin by bin. `explicit`: every bin with its own amount. */
export type PlanMode = 'auto' | 'simple' | 'strict' | 'explicit';

/** The plan that is asked for. */
export interface PlanRequest {
  /** Principal of who will sign. */
  sender: string;
  /** Default `auto`: `simple` where the pools allow it, else `explicit`. */
  mode?: PlanMode | null;
  /** Quote without fees where a pool names the sender in `fee_exempt`. Default false: with fees, and a warning. */
  fee_exempt?: boolean | null;
}

/** A value of a contract: one member, named after its type. */
export type ClarityValue =
  | { uint: Units }
  | { int: string }
  | { bool: boolean }
  | { principal: string }
  | { optional: null }
  | { list: ClarityValue[] }
  | { tuple: Record<string, ClarityValue> };

/** What a principal may or must send of an asset. */
export interface PostCondition {
  principal: string;
  /** `STX`, or `<principal>::<asset>`. */
  asset: string;
  condition: 'sent_at_most' | 'sent_at_least';
  amount: Units;
}

/** What one way of execution comes to. */
export interface ComparedPlan {
  amount_in_atomic: Units;
  amount_out_atomic: Units;
  reads: number;
}

/** The call of the router contract that executes a quote. Nothing is signed or sent. */
export interface Plan {
  contract: string;
  function: string;
  args: ClarityValue[];
  /** The same as consensus bytes. */
  args_hex: string[];
  post_condition_mode: 'deny';
  post_conditions: PostCondition[];
  mode: Exclude<PlanMode, 'auto'>;
  /** The least that comes out, or the transaction fails. */
  minimum_received_atomic: Units;
  /** Bins that trade. */
  bins: number;
  /** Reads of the 15 000 that a block bears. */
  reads: number;
  holds: 'within_minimum' | 'unchanged_state';
  /** Whether calls of this router were run. */
  proven: boolean;
  /** Only where the best split is not one call over the pair, and `auto` chose. */
  compared?: { chosen: 'simple' | 'explicit'; simple: ComparedPlan; explicit: ComparedPlan };
}

/** What a plan comes to where every active bin has moved against the trade. */
export interface Drift {
  bins: 1 | 2 | 5;
  /** What the call would give if nothing refused it. */
  amount_out_atomic: Units;
  result: 'passes' | 'refused';
}
