// What the most expensive requests cost the Worker under workerd, by the time its threads compute.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildWorker } from '../build-worker.mjs';
import { targetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { Gateway } from '../stack/gateway.mjs';
import { RedisServer } from '../stack/redis.mjs';
import { step } from '../terminal/steps.mjs';
import { buildBenchProgram, writeMarket } from './core/builds.mjs';
import { ENGINE, Workerd } from './edge/workerd.mjs';
import { cpuOf } from './hostile/cpu.mjs';
import { batches, singles, tiny } from './hostile/shapes.mjs';

const network = process.argv[2];
const program = await buildBenchProgram();
await buildWorker();
const all = (await run(program, ['hostile'])).trim().split('\n').map((line) => line.split('|'));
const running = [];
const keep = (one) => (running.push(one), one);
try {
for (const [name, ...tokens] of all.filter(([name]) => !network || name.includes(network))) {
  const file = await writeMarket(program, name);
  const redis = keep(await RedisServer.start());
  await run(join(targetDir, 'debug', 'dlmm'), ['seed', '--redis', redis.url, '--from', file]);
  const token = randomBytes(16).toString('hex');
  const gateway = keep(await Gateway.start({ redisUrl: redis.url, token }));
  const vars = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: token, LOG_LEVEL: 'error', REDIS_POOL_CONFIG_CACHE_TTL: '3600', REDIS_SOCKET_TIMEOUT: '30', ...(process.env.KEYS ? {MAX_KEYS_PER_QUOTE: process.env.KEYS} : {}) };
  const worker = keep(await Workerd.start(name.replaceAll(/[^a-z]/g, '-'), ENGINE, vars));
  const metric = async () => { const t = await (await fetch(`${worker.url}/metrics`)).text(); const m = (n) => Number(t.match(new RegExp(`^${n} (\\d+)$`, 'm'))[1]); return { bytes: m('dlmm_redis_received_bytes_total'), requests: m('dlmm_redis_requests_total') }; };
  const ask = async ({ path, body }) => { const r = await fetch(worker.url + path, { method: 'POST', body: JSON.stringify(body) }); const text = await r.text(); return { status: r.status, text }; };
  const measure = async (one) => { const b = await metric(); const { ms, done } = await cpuOf(worker.pid, () => ask(one)); const a = await metric(); return { ms, ...done, bytes: a.bytes - b.bytes, requests: a.requests - b.requests }; };
  for (let n = 0; n < 30; n++) await ask(tiny(tokens));
  for (const one of singles(tokens)) await ask(one);
  const say = (what, m) => { const b = (() => { try { return JSON.parse(m.text) } catch { return {} } })(); console.log(`${name} | ${what} | ${m.ms.toFixed(1)} ms | ${m.status} ${b.error?.code ?? ''} ${(b.warnings ?? []).map(w => w.code + (w.limit ?? '')).filter((c,i,a)=>a.indexOf(c)===i).join(' ')} | ${(m.bytes/1e3).toFixed(0)} kB in ${m.requests} | ${(m.text.length/1e3).toFixed(0)} kB out`); };
  const pools = (n) => Array.from({ length: n }, (_, i) => `P${String(i).padStart(2, '0')}`);
  for (const n of [1, 8, 16, 32, 64]) { for (let k = 0; k < 2; k++) await ask(tiny(tokens, pools(n))); say(`tiny ${n}`, await measure(tiny(tokens, pools(n)))); }
  for (const one of singles(tokens)) { await measure(one); say(`${one.kind} ${one.amount.slice(0,5)}e${one.amount.length}`, await measure(one)); }
  for (const one of batches(tokens)) say(`BATCH ${one.kind} ${one.amount.slice(0,5)}e${one.amount.length}`, await measure(one));
}
} finally { for (const one of running.reverse()) await one.stop(); }
