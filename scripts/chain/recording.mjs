// Recorded events of the real contracts, and the blocks a node would have posted of them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

/** Time of the first recorded block; each next height is ten seconds later. */
export const FIRST_TIME = 1_790_000_000;

/** Reads the recording. */
export function readRecording() {
  return JSON.parse(readFileSync(join(root, 'tests/vectors/chain/recording.json'), 'utf8'));
}

/** The hash of a block by its height and a name for the branch it stands on. */
export const blockHash = (height, branch = 'main') =>
  `0x${createHash('sha256').update(`${branch} ${height}`).digest('hex')}`;

/** The text of a tokens file for the recording. */
export function tokensFile({ tokens }) {
  return JSON.stringify(tokens);
}

/** Groups transactions by the block they were in; `oneEach` gives every transaction a block of its own. */
export function groupsOf({ transactions }, { oneEach = false } = {}) {
  if (oneEach) return transactions.map((transaction, at) => ({ height: at + 1, transactions: [transaction] }));
  const heights = [...new Set(transactions.map(({ block_height }) => block_height))];
  return heights.map((height) => ({
    height,
    transactions: transactions.filter(({ block_height }) => block_height === height),
  }));
}

/**
 * The body of `POST /new_block` for some transactions.
 *
 * @param {object} options
 * @param {number} options.height
 * @param {string} options.hash
 * @param {string} options.parent
 * @param {object[]} options.transactions as recorded
 * @param {number} [options.time] seconds since 1970
 */
export function newBlock({ height, hash, parent, transactions, time = FIRST_TIME + height * 10 }) {
  let index = 0;
  const events = transactions.flatMap((transaction) =>
    transaction.events.map(({ contract, raw_value }) => ({
      txid: transaction.tx_id,
      event_index: index++,
      committed: transaction.status === 'success',
      type: 'contract_event',
      contract_event: { contract_identifier: contract, topic: 'print', raw_value },
    })),
  );
  return {
    block_height: height,
    block_hash: hash,
    index_block_hash: hash,
    parent_index_block_hash: parent,
    block_time: time,
    burn_block_height: height,
    burn_block_time: time,
    transactions: transactions.map(({ tx_id, tx_index, status }) => ({ txid: tx_id, tx_index, status, raw_tx: '0x00' })),
    // A node promises no order.
    events: events.reverse(),
  };
}

/** All blocks of the recording, one on another. */
export function blocksOf(recording, options = {}) {
  let parent = blockHash(0);
  return groupsOf(recording, options).map(({ height, transactions }) => {
    const hash = blockHash(height);
    const block = newBlock({ height, hash, parent, transactions });
    parent = hash;
    return block;
  });
}
