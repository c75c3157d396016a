// Load on a server, and what it costs the server.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { peers } from '../wasm/peers.mjs';

/** Requests over kept connections for some seconds: how many a second, how long they took, the server's CPU for each. */
export async function load({ url, pid, body, status: expected, connections, seconds }) {
  const autocannon = createRequire(join(peers, 'package.json'))('autocannon');
  const before = await cpuMs(pid);
  const took = [];
  let failed = 0;
  const result = await new Promise((resolve, reject) => {
    const options = { url, method: 'POST', body, headers: { 'content-type': 'application/json' }, connections, duration: seconds };
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    // Its own summary rounds to milliseconds.
    running.on('response', (_, status, __, ms) => {
      took.push(ms);
      if (status !== expected) failed += 1;
    });
  });
  if (failed > 0 || result.errors > 0) throw new Error(`${url}: ${failed} answers of another status than ${expected} and ${result.errors} errors in ${took.length} answers`);
  took.sort((a, b) => a - b);
  const at = (part) => took[Math.min(took.length - 1, Math.floor(part * took.length))];
  return { perSecond: took.length / result.duration, p50: at(0.5), p99: at(0.99), cpu: ((await cpuMs(pid)) - before) / took.length };
}

/** User and system time of a process; NaN where the system does not tell. */
async function cpuMs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const [user, system] = stat?.split(') ')[1].split(' ').slice(11, 13).map(Number) ?? [NaN, NaN];
  return (user + system) * 10;
}
