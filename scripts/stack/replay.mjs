// `dlmm follow`, fed with the recorded blocks of the real contracts: the first ones at once, the rest a block a second.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf, readRecording, tokensFile } from '../chain/recording.mjs';
import { run } from '../process/run.mjs';
import { Service } from '../process/service.mjs';
import { freePort } from './free-port.mjs';
import { dlmmBin } from './gateway.mjs';

/** Blocks in which the first pools are created and filled. */
const FIRST_BLOCKS = 8;

/** The router beside the core contract, as the same deployer has it. */
const ROUTER = 'dlmm-swap-router-v-1-1';

/** A first quote of the recorded market: its tokens are not those of the sample. */
export const REPLAYED_REQUEST = '{"token_in":"MBTC","token_out":"MUSD","amount_in":0.01}';

/**
 * Starts the follower; pools are there when it returns. Redis must be empty, or hold an earlier replay.
 *
 * Gives the follower, the router that plans call, and what posts the rest: a block a second, some two minutes in all, so it
 * is begun when somebody looks.
 */
export async function startReplay({ redisUrl, onLine }) {
  const recording = readRecording();
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-replay-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [tokens, begin, rest] = ['tokens.json', 'begin.jsonl', 'rest.jsonl'].map((name) => join(folder, name));
  const lines = blocksOf(recording).map((block) => `${JSON.stringify(block)}\n`);
  writeFileSync(tokens, tokensFile(recording));
  writeFileSync(begin, lines.slice(0, FIRST_BLOCKS).join(''));
  writeFileSync(rest, lines.slice(FIRST_BLOCKS).join(''));
  const [command, port] = [await dlmmBin(), await freePort()];
  const to = `http://127.0.0.1:${port}`;
  const follower = await Service.start({
    name: 'dlmm follow',
    command,
    args: ['follow', '--core', recording.core, '--tokens', tokens, '--listen', `127.0.0.1:${port}`, '--from-genesis', '--allow-unverified'],
    // In the environment, because the URL may hold a password.
    env: { REDIS_URL: redisUrl },
    ready: (line) => line.includes('listening on '),
    onLine,
  });
  const replay = (file, rate) => ['replay', file, '--to', to, '--rate', rate, '--now'];
  await run(command, replay(begin, '0'), { env: {}, label: 'dlmm replay' });
  const goOn = async () => {
    const market = await Service.start({
      name: 'dlmm replay',
      command,
      args: replay(rest, '1'),
      env: {},
      ready: (line) => line.startsWith('posting '),
      onLine,
    });
    // It ends with its last block, which is no fault.
    return { stop: () => market.stop(), ended: new Promise(() => {}), log: '' };
  };
  return { follower, router: `${recording.core.split('.')[0]}.${ROUTER}`, goOn };
}
