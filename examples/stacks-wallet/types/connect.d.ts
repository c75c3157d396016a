// The one call of @stacks/connect 8 that the example makes. It is not installed here: it brings some 300 packages of wallets.
// In a project that has it, take this file and its path in tsconfig.json away.
import type { ClarityValue, PostCondition } from '@stacks/transactions';

export interface CallContractParams {
  contract: `${string}.${string}`;
  functionName: string;
  functionArgs?: (ClarityValue | string)[];
  network?: 'mainnet' | 'testnet' | 'devnet';
  postConditions?: (PostCondition | string)[];
  postConditionMode?: 'allow' | 'deny';
}

export function request(method: 'stx_callContract', params: CallContractParams): Promise<{ txid?: string; transaction?: string }>;
