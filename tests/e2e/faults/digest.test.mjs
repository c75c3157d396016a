// The platform takes the digests of long inputs. Where it refuses to, a single answer has its digest all the same, and of a batch
// that shares its state those entries are refused whose digest would have been of a long input: no answer has a wrong one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker, upstashVars } from '../stack/index.mjs';
import { batch, parallel, startWideMarket } from '../bounds/wide-market.mjs';
import { post } from '../worker/market.mjs';

const REFUSES = "SubtleCrypto.prototype.digest = async () => { throw new Error('digests are out'); };";
const LONG = { token_in: 'A', token_out: 'B', amount_in: 1, include_state: true };

test('a platform that takes no digests costs no single answer, and no answer has another digest for it', async () => {
  const market = await startWideMarket(parallel(64));
  const spoiled = await startWorker({ vars: upstashVars(market.gateway), spoiled: REFUSES });
  const [well, without] = [await post(market.worker, LONG), await post(spoiled, LONG)];
  assert.ok(JSON.stringify(well.body.input).length > 100_000, 'long enough for the platform');
  assert.match(well.body.digest, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual([without.status, without.body.digest], [well.status, well.body.digest]);

  const requests = [LONG, { ...LONG, include_state: false }];
  const shared = await batch(market.worker, requests, { share_state: true });
  assert.deepEqual(shared.body.answers.map(({ success }) => success), [true, true]);
  const refused = await batch(spoiled, requests, { share_state: true });
  assert.equal(refused.status, 200);
  const [first, second] = refused.body.answers;
  assert.deepEqual([first.success, first.error.code, first.digest], [false, 'INTERNAL', undefined]);
  assert.deepEqual([second.success, second.amount_out], [true, shared.body.answers[1].amount_out]);
  // Its own digests are left where they were.
  const short = { ...LONG, max_bins: 1, max_splits: 1, pools: ['P00'] };
  assert.equal((await post(spoiled, short)).status, 200);
});
