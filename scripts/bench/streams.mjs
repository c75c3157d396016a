// Many streams on one workerd while the market moves each 200 ms: does one of them starve, does memory grow, does all of it end?
//
//   cargo build -p dlmm-cli && npm run build:worker                       first
//   node scripts/bench/streams.mjs [--streams 500] [--seconds 60] [--kind quote|changes]
//
// It ends with an error if a stream missed the last change, if an id went back, or if something is left of clients that went.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@redis/client';
import { endOnSignals } from '../process/groups.mjs';
import { explain, say } from '../terminal/steps.mjs';
import { cpuSeconds, residentBytes, startStage } from './load/stage.mjs';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' }, kind: { type: 'string', default: 'quote' } },
});
const [count, seconds] = [Number(values.streams), Number(values.seconds)];
/** What a client has to wait for the last change at most. */
const LAST_MS = 60_000;
/** What the end of all may take: the platform notices a client that went with the next write, at the latest with a comment. */
const END_MS = 40_000;

const pathOf = (at) =>
  values.kind === 'quote' ? `/quote/stream?token_in=SOL&token_out=USDC&include_steps=false&amount_in=${(1 + at / 1000).toFixed(3)}` : '/changes?token_in=SOL&token_out=USDC';

/** One client, of an address of its own, since one address has a tenth of all streams: counts its events, and notes the last id and the silences. */
function openStream(url, client) {
  const stream = { events: 0, refused: 0, id: 0, at: 0, longest: 0, backwards: 0, ended: false };
  const sent = request(url, { agent: false, headers: { 'cf-connecting-ip': client } }, (response) => {
    response.setEncoding('utf8');
    let rest = '';
    response.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('event: refused')) stream.refused += 1;
        if (!line.startsWith('id: ')) continue;
        const [id, now] = [parseInt(line.slice(4), 10), Date.now()];
        if (id < stream.id) stream.backwards += 1;
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

async function metrics(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

const mb = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** Writes and tells in one step, as producers do. */
const MOVE = `
  local seq = redis.call('HINCRBY', 'metadata', 'seq', 1)
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('PUBLISH', 'dlmm:changes', '{"seq":' .. seq .. ',' .. ARGV[2])
  return seq`;

/** A market of which one bin moves each 200 ms, always the one that all streams rest on. */
async function movingMarket(client) {
  const key = 'bin:SOL-USDC-25:500';
  const pool = JSON.parse(await client.get('pool:SOL-USDC-25'));
  await client.set('pool:SOL-USDC-25', JSON.stringify({ ...pool, active_bin_id: 500 }));
  const bin = JSON.parse(await client.get(key));
  let moves = 0;
  return async () => {
    moves += 1;
    const text = JSON.stringify({ ...bin, x_amount: 1_000_000, y_amount: 200_000_000, price: 200 + moves / 1000 });
    const rest = { block_height: null, taken_at: new Date().toISOString(), pools: ['SOL-USDC-25'], keys: { [key]: text } };
    return Number(await client.eval(MOVE, { keys: [key], arguments: [text, JSON.stringify(rest).slice(1)] }));
  };
}

async function measure({ url, worker, market, redis }) {
  await market.stop();
  const client = await createClient({ url: redis.url }).connect();
  const move = await movingMarket(client);
  const streams = [];
  for (let at = 0; at < count; at += 1) {
    streams.push(openStream(new URL(pathOf(at), url), `10.0.${at >> 8}.${at & 255}`));
    if (at % 20 === 19) await sleep(100);
  }
  while (!streams.every(({ events }) => events > 0)) await sleep(200);
  say(`${count} streams of ${values.kind}; workerd has ${mb(await residentBytes(worker.pid))}`);
  for (const stream of streams) [stream.longest, stream.at] = [0, Date.now()];
  const before = streams.map(({ events }) => events);
  const [cpu, began] = [await cpuSeconds(worker.pid), Date.now()];
  let [moves, lastSeq, shown] = [0, 0, began];
  while (Date.now() - began < seconds * 1_000) {
    const next = Date.now() + 200;
    lastSeq = await move();
    moves += 1;
    if (Date.now() - shown >= 10_000) {
      shown = Date.now();
      const events = streams.map((stream, at) => stream.events - before[at]);
      say(`${Math.round((shown - began) / 1000)} s: ${moves} moves, events a stream ${Math.min(...events)} to ${Math.max(...events)}, workerd ${mb(await residentBytes(worker.pid))}`);
    }
    await sleep(Math.max(0, next - Date.now()));
  }
  const stopped = Date.now();
  const isBehind = ({ id }) => id < lastSeq;
  while (streams.some(isBehind) && Date.now() - stopped < LAST_MS) await sleep(50);
  const lag = Date.now() - stopped;
  const told = streams.reduce((sum, stream, at) => sum + stream.events - before[at], 0);
  const used = (await cpuSeconds(worker.pid)) - cpu;
  const sum = (field) => streams.reduce((all, stream) => all + stream[field], 0);
  const longest = streams.map((stream) => stream.longest).toSorted((a, b) => a - b);
  const [missing, backwards] = [streams.filter(isBehind).length, sum('backwards')];
  say(`${moves} moves in ${Math.round((stopped - began) / 1000)} s; ${told} events; ${used} s of CPU of workerd, ${((used / told) * 1000).toFixed(1)} ms an event`);
  say(`the last change had reached all but ${missing} after ${lag} ms`);
  say(`longest silence of a stream: middle ${longest[count >> 1]} ms, worst ${longest.at(-1)} ms; refused: ${sum('refused')}; ids that went back: ${backwards}`);
  const read = await metrics(url);
  say(`streams ${read('dlmm_streams')}, subscriptions ${read('dlmm_stream_subscriptions')}, merged ${read('dlmm_stream_merged_changes_total')}, polls ${read('dlmm_stream_polls_total')}, wasm ${mb(read('dlmm_wasm_memory_bytes'))}`);
  for (const { close } of streams) close();
  const closed = Date.now();
  let left;
  do {
    await move();
    await sleep(500);
    left = await metrics(url);
  } while (left('dlmm_streams') + left('dlmm_stream_subscriptions') > 0 && Date.now() - closed < END_MS);
  const subscribers = Number((await client.pubSubNumSub('dlmm:changes'))['dlmm:changes']);
  say(`${Date.now() - closed} ms after all clients went: ${left('dlmm_streams')} streams, ${subscribers} subscribers at Redis; workerd has ${mb(await residentBytes(worker.pid))}`);
  client.destroy();
  if (missing + backwards + left('dlmm_streams') + subscribers > 0) throw new Error('a change was missed, an id went back, or something is left of clients that went');
}

endOnSignals();
let stage;
try {
  stage = await startStage({ env: { MAX_STREAMS: String(count), STREAM_MAX_SECONDS: '3600' } });
  await measure(stage);
} catch (error) {
  explain(error);
  process.exitCode = 1;
} finally {
  await stage?.stop();
}
