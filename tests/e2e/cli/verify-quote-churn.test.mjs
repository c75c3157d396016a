// Honest answers over a market that moves, with pools that come, pause and go: each is equal, or cannot be compared any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, post, startMarket } from '../worker/market.mjs';
import { dlmm } from './dlmm.mjs';

const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '0.01', include_state: true };
const EQUAL = 0;
const MOVED = 3;

test('no honest answer is called different', async (t) => {
  const market = await startMarket();
  await market.quote(REQUEST);
  let running = true;
  const churn = dlmm(['simulate', '--churn', '--interval', '0.03', '--updates', '400', '--seed', '7'], { redis: market.redis });
  const ended = churn.finally(() => (running = false));
  const seen = new Map();
  while (running) {
    const { body } = await post(market.worker, REQUEST);
    // All pools of the pair may be paused.
    if (!body.success) continue;
    const { status, stdout, stderr } = await dlmm(['verify-quote', '-', '--redis', market.redis.url], { input: JSON.stringify(body) });
    assert.ok(status === EQUAL || status === MOVED, `${status}\n${stdout}${stderr}`);
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  assert.equal((await ended).status, 0);
  t.diagnostic(`${seen.get(EQUAL) ?? 0} equal, ${seen.get(MOVED) ?? 0} moved`);
  // The simulation took its heartbeat along; a Worker looks for it every two seconds.
  const { body } = await eventually(async () => {
    const answer = await post(market.worker, REQUEST);
    return answer.body.state.heartbeat_ms === null ? answer : undefined;
  });
  const { stdout } = await dlmm(['verify-quote', '-', '--redis', market.redis.url], { input: JSON.stringify(body) });
  assert.equal(stdout, 'equal\n', 'once it rests');
});
