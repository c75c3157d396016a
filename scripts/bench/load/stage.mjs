// What a load test stands on: Redis with the sample and a moving market, the gateway, and the built Worker under workerd
// alone, with nothing of a development server in between.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, workerBuild } from '../../paths.mjs';
import { run } from '../../process/run.mjs';
import { Service } from '../../process/service.mjs';
import { firstQuote } from '../../stack/first-quote.mjs';
import { freePort } from '../../stack/free-port.mjs';
import { dlmmBin, Gateway } from '../../stack/gateway.mjs';
import { RedisServer } from '../../stack/redis.mjs';
import { simulate } from '../../stack/simulate.mjs';

/** Memory of one isolate at Cloudflare, in MB. */
const ISOLATE_MB = 128;

/** Starts all of it; `stop` ends it in the reverse order. `env` are further settings of the Worker. */
export async function startStage({ env = {} } = {}) {
  const parts = [];
  const add = (part) => (parts.push(part), part);
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
  };
  try {
    const redis = add(await RedisServer.start());
    await run(await dlmmBin(), ['seed'], { env: { REDIS_URL: redis.url }, label: 'dlmm seed' });
    const gateway = add(await Gateway.start({ redisUrl: redis.url, token: randomBytes(16).toString('hex') }));
    const port = await freePort();
    const config = add(await limitedConfig());
    const worker = add(startWorkerd(gateway, port, config.path, env));
    const url = `http://127.0.0.1:${port}`;
    await firstQuote({ url, anyData: false, signal: new AbortController().signal, report: () => {} });
    const market = add(await simulate({ redisUrl: redis.url, args: ['--interval', '0.2', '--seed', '1'] }));
    return { redis, gateway, worker, market, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The container's configuration with the memory that an isolate has at Cloudflare. Left to itself, V8 takes what the
 * machine has before it collects, which would look like growth.
 */
async function limitedConfig() {
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-load-'));
  const path = join(folder, 'workerd.capnp');
  const text = await readFile(join(root, 'ops', 'container', 'workerd.capnp'), 'utf8');
  await writeFile(path, text.replace('  sockets = [', `  v8Flags = ["--max-heap-size=${ISOLATE_MB}"],\n  sockets = [`));
  return { path, stop: () => rm(folder, { recursive: true, force: true }) };
}

function startWorkerd({ url, token }, port, config, env) {
  const { default: command } = createRequire(import.meta.url)('workerd');
  return new Service({
    name: 'workerd',
    command,
    args: ['serve', config, '-I', workerBuild, '--socket-addr', `http=127.0.0.1:${port}`],
    env: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, REDIS_SOCKET_TIMEOUT: '2', REDIS_MAX_RETRIES: '1', LOG_LEVEL: 'error', ...env },
  });
}

/** Memory of a process that is in use, in bytes. */
export async function residentBytes(pid) {
  return Number(await run('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
}

/** What a process has used of the CPU, in seconds. */
export async function cpuSeconds(pid) {
  return Number(await run('ps', ['-o', 'cputimes=', '-p', String(pid)]));
}

/** Notes the memory of a process every second until `end` is called, which gives the notes. */
export function watchMemory(pid) {
  const notes = [];
  const began = performance.now();
  let watching = true;
  const work = (async () => {
    while (watching) {
      notes.push({ second: Math.round((performance.now() - began) / 1000), bytes: await residentBytes(pid) });
      await sleep(1_000);
    }
  })();
  return {
    async end() {
      watching = false;
      await work;
      return notes;
    },
  };
}
