// Many streams on one workerd while the market moves: does any of them starve, does memory grow, does all of it end?
//
//   node scripts/bench/streams.mjs [--streams 500] [--seconds 60] [--every-ms 200] [--kind quote|changes]
import { request } from 'node:http';
import { readFile, readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startGateway, startRedis, startWorker, upstashVars } from '../../tests/e2e/stack/index.mjs';
import { publish } from '../../tests/e2e/worker/event-stream.mjs';
import { dlmm } from '../../tests/e2e/worker/market.mjs';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' }, 'every-ms': { type: 'string', default: '200' }, kind: { type: 'string', default: 'quote' } },
});
const [count, seconds, everyMs] = [values.streams, values.seconds, values['every-ms']].map(Number);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (...words) => console.log(...words);

/** Memory of the workerd that this process has started, in MB. */
async function workerdMemory() {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (/^Name:\s+workerd$/m.test(status) && new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status)) return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024);
  }
  return NaN;
}

/** One client: counts events, and notes the id and the arrival of the last one. */
function openStream(url) {
  const stream = { events: 0, id: 0, at: 0, longest: 0, backwards: 0, ended: false };
  const sent = request(url, { agent: false }, (response) => {
    stream.status = response.statusCode;
    response.setEncoding('utf8');
    let rest = '';
    response.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith('id: ')) continue;
        const id = Number(line.slice(4));
        const now = Date.now();
        stream.backwards += id < stream.id ? 1 : 0;
        if (stream.events > 0) stream.longest = Math.max(stream.longest, now - stream.at);
        [stream.id, stream.at, stream.events] = [id, now, stream.events + 1];
      }
    });
    response.on('close', () => (stream.ended = true));
  });
  sent.on('error', () => (stream.ended = true));
  sent.end();
  stream.close = () => sent.destroy();
  return stream;
}

const redis = await startRedis();
await dlmm(['seed', '--redis', redis.url]);
const gateway = await startGateway({ redisUrl: redis.url });
const worker = await startWorker({ vars: { ...upstashVars(gateway), LOG_LEVEL: 'error', MAX_STREAMS: String(count), STREAM_MAX_SECONDS: String(seconds + 60) } });
const metrics = async () => {
  const text = await (await worker.fetch('/metrics')).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
};

const streams = [];
for (let at = 0; at < count; at += 1) {
  const path = values.kind === 'quote' ? `/quote/stream?token_in=BTC&token_out=USDC&include_steps=false&amount_in=${1 + at / 1000}` : '/changes?token_in=BTC&token_out=USDC';
  streams.push(openStream(new URL(path, worker.url)));
  if (at % 20 === 19) await wait(100);
}
while (!streams.every(({ events }) => events > 0)) await wait(200);
say(`${count} streams of ${values.kind} are open; workerd has ${await workerdMemory()} MB`);

const text = await redis.command('GET', 'bin:BTC-USDC-25:500');
let [moves, lastSeq, price] = [0, 0, 100_000];
const began = Date.now();
const lags = [];
await redis.session(async (client) => {
  const producer = { command: (...words) => client.sendCommand(words.map(String)) };
  while (Date.now() - began < seconds * 1000) {
    const until = Date.now() + everyMs;
    price += 1;
    lastSeq = await publish(producer, ['BTC-USDC-25'], [['bin:BTC-USDC-25:500', JSON.stringify({ ...JSON.parse(text), price })]]);
    moves += 1;
    if (moves % Math.max(1, Math.round(10_000 / everyMs)) === 0) {
      const read = await metrics();
      const events = streams.map((stream) => stream.events);
      say(`${Math.round((Date.now() - began) / 1000)} s: ${moves} moves, events a stream ${Math.min(...events)} to ${Math.max(...events)}, workerd ${await workerdMemory()} MB, wasm ${Math.round(read('dlmm_wasm_memory_bytes') / 1e6)} MB, subscriptions ${read('dlmm_stream_subscriptions')}`);
    }
    await wait(Math.max(0, until - Date.now()));
  }
});
const last = Date.now();
while (!streams.every(({ id }) => id >= lastSeq) && Date.now() - last < 60_000) await wait(50);
streams.forEach(({ at }) => lags.push(at - last));
const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const [events, longest] = [sorted(streams.map((stream) => stream.events)), sorted(streams.map((stream) => stream.longest))];
say(`the last change was with all after ${Date.now() - last} ms; with ${streams.filter(({ id }) => id >= lastSeq).length} of ${count}`);
say(`${moves} moves; events a stream: least ${events[0]}, middle ${events[count >> 1]}, most ${events.at(-1)}`);
say(`longest silence of a stream: middle ${longest[count >> 1]} ms, worst ${longest.at(-1)} ms; ids that went back: ${streams.reduce((sum, { backwards }) => sum + backwards, 0)}`);
const read = await metrics();
say(`streams ${read('dlmm_streams')}, subscriptions ${read('dlmm_stream_subscriptions')}, merged ${read('dlmm_stream_merged_changes_total')}, polls ${read('dlmm_stream_polls_total')}; ended early: ${streams.filter(({ ended }) => ended).length}`);
streams.forEach(({ close }) => close());
const closed = Date.now();
for (;;) {
  price += 1;
  await publish(redis, ['BTC-USDC-25'], [['bin:BTC-USDC-25:500', JSON.stringify({ ...JSON.parse(text), price })]]);
  const left = await metrics();
  if (left('dlmm_streams') === 0 && left('dlmm_stream_subscriptions') === 0) break;
  if (Date.now() - closed > 60_000) {
    say(`not all ended: ${left('dlmm_streams')} streams`);
    break;
  }
  await wait(everyMs);
}
const [, subscribers] = await redis.command('PUBSUB', 'NUMSUB', 'dlmm:changes');
say(`all ended ${Date.now() - closed} ms after their clients went; subscribers at Redis: ${subscribers}; workerd has ${await workerdMemory()} MB`);
process.exit(0);
