// Quotes of the command line over a snapshot, to hold beside those of the Worker.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dlmm, post } from './market.mjs';

/** What may differ: when and from where the state was read, and the request's own id. */
function comparable(answer) {
  const { request_id, ...rest } = answer;
  if (rest.state) {
    const { heartbeat_ms, warn_age_ms, block_height, pools } = rest.state;
    const ofPool = ({ age_ms, ...pool }) => ({ ...pool, is_known: age_ms !== null });
    rest.state = { heartbeat_ms, warn_age_ms, block_height, pools: pools.map(ofPool) };
    rest.warnings = rest.warnings.map(withoutAges);
  }
  if (rest.error?.code === 'STALE_STATE') {
    const { age_ms, ...details } = rest.error.details;
    rest.error = { code: rest.error.code, details: { ...details, is_known: age_ms !== null } };
  }
  return rest;
}

/** Which warnings there are goes by the state as long as ages are far from the limits; the ages in them go by the moment. */
function withoutAges({ age_ms, ahead_ms, ...warning }) {
  return warning;
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
  return assertSame(worker, ['--snapshot', snapshot], `${snapshot}.requests`, requests, name);
}

/** As `assertSameOffline`, of `dlmm quote` over what these arguments name; `file` is where the requests are written. */
export async function assertSame(worker, from, file, requests, name) {
  await writeFile(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const lines = (await dlmm(['quote', ...from, '--requests', file])).trimEnd().split('\n');
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
