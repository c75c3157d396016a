// Whatever takes longer than a second says what it is at: on a terminal, and only there at once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { dlmm, succeed, temporaryFolder } from './dlmm.mjs';
import { onTerminal } from './terminal.mjs';

const COMMANDS = [['verify'], ['status'], ['snapshot'], ['seed', '--force'], ['quote', 'BTC', 'USDC', '1', '--json']];

for (const args of COMMANDS) {
  test(`dlmm ${args[0]} says what it waits for, and its result is left alone`, async () => {
    const redis = await startRedis();
    await succeed(['seed'], { redis });
    const out = join(temporaryFolder(), 'out');
    // Long enough for a second to pass, however slow this machine is, and short of the deadline of a reply.
    await redis.command('CLIENT', 'PAUSE', '3000', 'ALL');
    const { status, lines } = await onTerminal([await dlmmBin(), ...args], { env: { REDIS_URL: redis.url }, out }).result();
    assert.equal(status, 0, lines.join('\n'));
    assert.ok(lines.some((line) => /connecting to Redis|looking for pools/.test(line)), lines.join('\n'));
    assert.doesNotMatch(readFileSync(out, 'utf8'), /connecting|looking for|\x1b/);
  });
}

test('a short command, and one that writes to a file, draws nothing', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  await redis.command('CLIENT', 'PAUSE', '1500', 'ALL');
  const { status, stderr } = await dlmm(['verify'], { redis });
  assert.deepEqual([status, stderr], [0, '']);
});
