import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAgesOf } from '../../web/playground/quote/age.ts';

const quote = ({ ages = { P: 5 }, heartbeat_ms = '1000', warn_age_ms = null, warnings = [] }) => ({
  amount_out: '5.0',
  state: { source: 'redis', heartbeat_ms, warn_age_ms, pools: Object.entries(ages).map(([pool_id, age_ms]) => ({ pool_id, age_ms })) },
  warnings,
});
const old = (pool_id, age_ms) => ({ code: 'STATE_OLD', pool_id, age_ms });
const PARTIAL = { code: 'PARTIAL_FILL' };

test('ages are those of now, and what is old goes by the limit of the edge', () => {
  const edge = quote({ ages: { P: 30_000 }, warn_age_ms: 10_000, warnings: [old('P', 30_000), PARTIAL] });
  // The browser's own limit is a minute, so it has no warning of its own.
  const now = withAgesOf(edge, quote({ ages: { P: 34_000 }, warn_age_ms: 60_000 }));
  assert.deepEqual(now.warnings, [PARTIAL, old('P', 34_000)]);
  assert.deepEqual(now.state.pools, [{ pool_id: 'P', age_ms: 34_000 }]);
  assert.equal(now.state.source, 'redis');
  // Nor is there one more for each place.
  assert.deepEqual(withAgesOf(edge, quote({ ages: { P: 61_000 }, warn_age_ms: 60_000, warnings: [old('P', 61_000)] })).warnings, [PARTIAL, old('P', 61_000)]);
  // What was young when the edge answered grows old by the same limit.
  assert.deepEqual(withAgesOf(quote({ warn_age_ms: 10_000 }), quote({ ages: { P: 10_001 } })).warnings, [old('P', 10_001)]);
  assert.deepEqual(withAgesOf(quote({ warn_age_ms: 10_000 }), quote({ ages: { P: 10_000 } })).warnings, []);
});

test('a warning of the edge stays until there is a later heartbeat', () => {
  const warnings = [old('P', 30_000), { code: 'AGE_UNKNOWN', pool_id: 'Q' }, { code: 'TIME_AHEAD', pool_id: 'R', ahead_ms: 5000 }, { code: 'HEARTBEAT_INVALID', key: 'metadata', ahead_ms: 7 }];
  const edge = quote({ ages: { P: 30_000, Q: null, R: 0 }, warn_age_ms: 10_000, warnings });
  // A browser whose clock is behind, and that knows of nothing new.
  const behind = { P: 900, Q: null, R: 0 };
  assert.deepEqual(withAgesOf(edge, quote({ ages: behind })).warnings, warnings);
  assert.deepEqual(withAgesOf(edge, quote({ ages: behind, heartbeat_ms: null })).warnings, warnings);
  assert.deepEqual(withAgesOf(edge, quote({ ages: { P: 900, Q: 900, R: 900 }, heartbeat_ms: '31000' })).warnings, []);
  // What the browser warns of is said too.
  const unknown = { code: 'AGE_UNKNOWN', pool_id: 'P' };
  assert.deepEqual(withAgesOf(quote({}), quote({ warnings: [unknown, PARTIAL] })).warnings, [unknown]);
});
