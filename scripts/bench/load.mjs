// How many quotes one Worker gives, what they cost it, and how it bears a Redis that is slow or gone.
//
//   cargo build -p dlmm-cli && npm run build:worker      first
//   npm run bench:load                                   about 4 minutes
//   npm run bench:load -- --step 2 --soak 20             shorter
//
// It ends with an error if a quote of the plain soak fails, if the Worker's memory grows, or if it does not recover.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { endOnSignals } from '../process/groups.mjs';
import { explain, say } from '../terminal/steps.mjs';
import { fire } from './load/fire.mjs';
import { startStage, watchMemory } from './load/stage.mjs';

const CONNECTIONS = [1, 2, 5, 10, 20, 50, 100, 200];
/** The knee is the fewest connections that give this part of the most quotes a second. */
const NEAR_MOST = 0.9;
/** Growth of memory after the warm-up from which the soak fails. */
const MOST_GROWTH = 0.05;
/** A slow Redis: it rests this long, this often. */
const REST_MS = 100;
const REST_EVERY_MS = 300;
const OUTAGE_SECONDS = 5;

const { values } = parseArgs({ options: { step: { type: 'string', default: '5' }, soak: { type: 'string', default: '60' } } });
const [stepSeconds, soakSeconds] = [Number(values.step), Number(values.soak)];
const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const findings = [];

function tell(name, { perSecond, p50, p99, statuses, broken }) {
  const counted = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`).join(', ');
  say(`${name.padEnd(24)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50} ms  p99 ${p99} ms  ${counted}${broken > 0 ? `, broken: ${broken}` : ''}`);
}

async function findKnee(url) {
  await fire({ url, connections: 5, seconds: stepSeconds });
  const runs = [];
  for (const connections of CONNECTIONS) {
    const run = await fire({ url, connections, seconds: stepSeconds });
    tell(`${connections} connections`, run);
    runs.push({ connections, ...run });
  }
  const most = Math.max(...runs.map(({ perSecond }) => perSecond));
  const knee = runs.find(({ perSecond }) => perSecond >= most * NEAR_MOST);
  say(`the knee: ${knee.connections} connections, ${knee.perSecond.toFixed(0)} quotes a second, p99 ${knee.p99} ms\n`);
  return knee.connections;
}

async function soak({ url, worker }, connections) {
  const memory = watchMemory(worker.pid);
  const run = await fire({ url, connections, seconds: soakSeconds });
  const notes = await memory.end();
  tell(`soak, ${soakSeconds} s`, run);
  if (run.bad > 0) findings.push(`${run.bad} quotes of the plain soak failed`);
  const every = Math.max(1, Math.floor(notes.length / 12));
  say(`memory of workerd: ${notes.filter((_, at) => at % every === 0).map(({ second, bytes }) => `${second} s ${mb(bytes)}`).join(', ')}`);
  // The first third is the warm-up: the heap takes what it will need.
  const third = Math.floor(notes.length / 3);
  const [before, after] = [median(notes.slice(third, 2 * third)), median(notes.slice(-third))];
  const growth = after / before - 1;
  say(`after the warm-up: ${mb(before)}, then ${mb(after)}, ${(growth * 100).toFixed(1)} %\n`);
  if (growth >= MOST_GROWTH) findings.push(`memory grew by ${(growth * 100).toFixed(1)} % after the warm-up`);
}

const median = (notes) => notes.map(({ bytes }) => bytes).toSorted((a, b) => a - b)[Math.floor(notes.length / 2)];

async function slowRedis({ url, redis }, connections) {
  const client = await createClient({ url: redis.url }).connect();
  let slow = true;
  const pulses = (async () => {
    while (slow) {
      await client.sendCommand(['CLIENT', 'PAUSE', String(REST_MS), 'ALL']);
      await sleep(REST_EVERY_MS);
    }
  })();
  const run = await fire({ url, connections, seconds: 3 * stepSeconds });
  slow = false;
  await pulses;
  await client.close();
  tell('Redis slow', run);
  if (run.bad > 0) findings.push(`${run.bad} quotes failed while Redis was slow`);
}

async function failingRedis({ url, gateway }, connections) {
  await gateway.stop();
  const during = await fire({ url, connections, seconds: OUTAGE_SECONDS });
  tell(`Redis gone, ${OUTAGE_SECONDS} s`, during);
  if (during.statuses[200] !== undefined) findings.push(`${during.statuses[200]} quotes were given without Redis`);
  if (during.broken > 0) findings.push(`${during.broken} connections broke while Redis was gone`);
  await gateway.restart();
  const began = performance.now();
  while ((await fetch(`${url}/quote?token_in=BTC&token_out=USDC&amount_in=0.1`)).status !== 200) {
    if (performance.now() - began > 10_000) throw new Error('No quote within 10 s after Redis was back.');
  }
  say(`first quote ${(performance.now() - began).toFixed(0)} ms after Redis was back`);
  const later = await fire({ url, connections, seconds: stepSeconds });
  tell('Redis back', later);
  if (later.bad > 0) findings.push(`${later.bad} quotes failed after Redis was back`);
}

endOnSignals();
let stage;
try {
  stage = await startStage();
  say('One Worker under workerd, Redis with the sample, `dlmm simulate` swapping in every pool five times a second.\n');
  const connections = await findKnee(stage.url);
  await soak(stage, connections);
  await slowRedis(stage, connections);
  await failingRedis(stage, connections);
  for (const finding of findings) say(`not well: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
} catch (error) {
  explain(error);
  process.exitCode = 1;
} finally {
  await stage?.stop();
}
