// Plans of the Worker: the recorded calls over Redis, equal to those of the command line, refused where there is none.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertRefused, bendValue, dlmm, startMarket } from './market.mjs';
import { asked, KINDS, router, rows, snapshotOf } from './recorded-plans.mjs';

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-plans-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('a quote over Redis carries the call that was run, by body and by query, and so does dlmm quote', async () => {
  for (const kind of Object.keys(KINDS)) {
    const row = rows.find((one) => one.kind === kind);
    const snapshot = await snapshotOf(row, folder, kind);
    const market = await startMarket({ snapshot, vars: { STACKS_ROUTER: router } });
    const { status, body } = await market.quote({ ...asked(row), include_state: true });
    assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
    assert.deepEqual([body.plan.function, body.plan.args_hex], [row.function, row.args_hex]);
    assert.deepEqual(body.drift.map(({ bins }) => bins), [1, 2, 5]);

    const { plan: { sender, mode }, pools, ...flat } = asked(row);
    const query = new URLSearchParams({ ...flat, pools: pools.join(), plan_sender: sender, plan_mode: mode });
    const byQuery = await (await market.worker.fetch(`/quote?${query}`)).json();
    assert.deepEqual(byQuery.plan, body.plan);

    const flags = Object.entries({ ...flat, pools: pools.join(), plan_sender: sender, plan_mode: mode });
    const args = flags.flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, String(value)]);
    const told = JSON.parse(await dlmm(['quote', '--redis', market.redis.url, '--router', router, '--json', ...args]));
    assert.deepEqual([told.plan, told.drift], [body.plan, body.drift]);
    const table = await dlmm(['quote', '--snapshot', snapshot, '--router', router, ...args]);
    assert.ok(table.includes(`${router}.${row.function}`) && table.includes('sent at most'), table);

    const file = join(folder, `${kind}.answer.json`);
    await writeFile(file, JSON.stringify(body));
    assert.match(await dlmm(['verify-quote', file]), /equal/);
    await writeFile(file, JSON.stringify({ ...body, plan: { ...body.plan, function: 'swap-all' } }));
    await assert.rejects(dlmm(['verify-quote', file]), ({ stdout }) => /plan\.function/.test(stdout));
  }
});

test('without a router, or contracts in a pool value, there is no plan, and a setting that is none is refused', async () => {
  const row = rows.find(({ kind }) => kind === 'simple');
  const market = await startMarket({ snapshot: await snapshotOf(row, folder, 'none') });
  const without = await market.quote(asked(row));
  assert.equal(assertRefused(without, 'PLAN_UNAVAILABLE', 422).reason, 'no router');
  assert.match(without.body.error.message, /no router contract is set: STACKS_ROUTER/);
  assert.equal((await market.quote({ ...asked(row), plan: undefined })).body.plan, undefined);

  const set = await startMarket({
    snapshot: await snapshotOf(row, folder, 'bare'),
    vars: { STACKS_ROUTER: router },
    prepare: (redis) => bendValue(redis, `pool:${row.pools[0].pool_id}`, (pool) => delete pool.pool_contract),
  });
  assert.equal(assertRefused(await set.quote(asked(row)), 'PLAN_UNAVAILABLE', 422).reason, 'contracts unknown');
  assert.equal(assertRefused(await set.quote({ ...asked(row), plan: { sender: 'bob' } }), 'INVALID_REQUEST', 400).field, 'plan.sender');
  const most = assertRefused(await set.quote({ ...asked(row), max_reads: 55 }), 'PLAN_TOO_LARGE', 422);
  assert.equal(most.limit, 55);

  const wrong = await startMarket({ vars: { STACKS_ROUTER: 'bob' } });
  assert.equal(assertRefused(await wrong.quote(asked(row)), 'CONFIG_INVALID', 500).setting, 'STACKS_ROUTER');
});
