// Blocks in which every touched bin says of which block it is.
import { Cl, cvToHex } from '@stacks/transactions';
import { blockHash } from './recording.mjs';

/** A block that gives `count` bins of a pool, from `first` on, the reserve `height * scale` of X, which no other block gives. */
export function markedBlock({ core, pool, height, parent, first = 510, count = 350, scale = 1, time = 1_790_000_000 }) {
  const [address, name] = pool.contract.split('.');
  const events = Array.from({ length: count }, (_, at) => {
    const data = Cl.tuple({
      'pool-contract': Cl.contractPrincipal(address, name),
      'pool-id': Cl.uint(pool.get_pool['pool-id']),
      'unsigned-bin-id': Cl.uint(first + at),
      'updated-x-balance': Cl.uint(BigInt(height) * BigInt(scale)),
      'updated-y-balance': Cl.uint(0),
    });
    const value = cvToHex(Cl.tuple({ action: Cl.stringAscii('add-liquidity'), data })).replace(/^0x/, '');
    const contract_event = { contract_identifier: core, topic: 'print', raw_value: `0x${value}` };
    return { txid: '0x01', event_index: at, committed: true, type: 'contract_event', contract_event };
  });
  return { block_height: height, index_block_hash: blockHash(height), parent_index_block_hash: parent, block_time: time, transactions: [], events };
}
