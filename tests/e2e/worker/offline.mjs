// Quotes of the command line over a snapshot, to hold beside those of the Worker.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dlmm, post } from './market.mjs';

/** What may differ: when and from where the state was read, and the request's own id. */
function comparable(answer) {
  const { request_id, ...rest } = answer;
  if (rest.state) {
    rest.state = rest.state.pools.map(({ pool_id, active_bin_id, last_updated }) => ({ pool_id, active_bin_id, last_updated }));
  }
  return rest;
}

/**
 * Demands the same answers of the Worker and of `dlmm quote --snapshot`, and counts them by kind.
 *
 * @param {object} worker
 * @param {string} snapshot file
 * @param {object[]} requests
 * @param {string} name of the run, for messages
 */
export async function assertSameOffline(worker, snapshot, requests, name) {
  const file = `${snapshot}.requests`;
  await writeFile(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const lines = (await dlmm(['quote', '--snapshot', snapshot, '--requests', file])).trimEnd().split('\n');
  assert.equal(lines.length, requests.length);
  const seen = new Map();
  for (const [index, request] of requests.entries()) {
    const { body } = await post(worker, request);
    const offline = JSON.parse(lines[index]);
    assert.deepEqual(comparable(offline), comparable(body), `${name}, request ${index}: ${JSON.stringify(request)}`);
    const kind = body.success ? body.route_type : body.error.code;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  return seen;
}
