// Quotes over what a follower wrote equal what the contracts then gave.
//
// Every transaction is a block of its own, and the quote is made on the state just before it. Asked are the calls that say
// what one pool takes and gives: the router's simple-multi, and swaps of the core in the active bin. Left out are the
// router's calls of several entries (same-multi, swap-multi: a caller's own list of bins and pools is no quote), and callers
// that pay no fee, whose quotes say a fee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexToCV } from '@stacks/transactions';
import { blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { dlmm } from '../cli/dlmm.mjs';
import { startRedis } from '../stack/index.mjs';
import { startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording, { oneEach: true });
const symbolOf = (contract) => recording.tokens[contract].symbol;

/** The request that a recorded call is, or `undefined` where it is none. */
function requestOf({ function: name, args, status }) {
  const isSimple = /^swap-(x-for-y|y-for-x)-simple-multi$/.test(name);
  if (status !== 'success' || !(isSimple || /^swap-(x-for-y|y-for-x)$/.test(name))) return undefined;
  const [pool, x, y, ...rest] = args.map((hex) => hexToCV(hex));
  const tokens = [symbolOf(x.value), symbolOf(y.value)];
  const [token_in, token_out] = name.includes('x-for-y') ? tokens : tokens.reverse();
  const amount = rest[isSimple ? 0 : 1].value;
  const limits = isSimple ? { max_bins: 350 } : { max_bins: 1 };
  const request = { token_in, token_out, amount_in_atomic: String(amount), allow_partial: true, pools: [pool.value], max_hops: 1, max_splits: 1, ...limits };
  return { request, pool: pool.value, bin: isSimple ? undefined : Number(rest[0].value) + 500 };
}

test('each quote is what the contract gave', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const compared = { simple: 0, single: 0, exempt: 0, elsewhere: 0 };
  for (const [at, transaction] of recording.transactions.entries()) {
    const asked = requestOf(transaction);
    if (asked !== undefined) {
      const { request, pool, bin } = asked;
      const { fee_exempt, active_bin_id } = JSON.parse(await redis.command('GET', `pool:${pool}`));
      if (fee_exempt.includes(transaction.sender)) compared.exempt += 1;
      else if (bin !== undefined && bin !== active_bin_id) compared.elsewhere += 1;
      else {
        const input = `${JSON.stringify(request)}\n`;
        const { stdout, stderr } = await dlmm(['quote', '--requests', '-'], { redis, input });
        const answer = JSON.parse(stdout);
        const told = `${transaction.function} ${JSON.stringify(request)} ${stdout.slice(0, 300)} ${stderr}`;
        const { in: taken, out: given } = transaction.result.ok;
        if (given === '0') {
          assert.match(answer.error.code, /^(AMOUNT_TOO_SMALL|INSUFFICIENT_LIQUIDITY)$/, told);
        } else {
          assert.ok(answer.success, told);
          assert.deepEqual([answer.amount_in_atomic, answer.amount_out_atomic], [taken, given], told);
        }
        compared[bin === undefined ? 'simple' : 'single'] += 1;
      }
    }
    await follower.take(blocks[at]);
  }
  assert.deepEqual(compared, { simple: 19, single: 17, exempt: 3, elsewhere: 0 });
});
