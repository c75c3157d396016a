// Many streams on one workerd while the market moves each 200 ms: does one of them starve, does memory grow, does all of it end?
//
//   cargo build -p dlmm-cli && npm run build:worker                       first
//   node scripts/bench/streams.mjs [--streams 500] [--seconds 300] [--kind quote|changes]
//
// Beside the streams somebody asks for a plain quote four times a second: streams are not to starve those either.
//
// It ends with an error if a stream missed the last change, if an id went back, if subscriptions are not as many as streams, if memory
// grows from the first minute to the last, or if something is left of clients that went.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@redis/client';
import { endOnSignals } from '../process/groups.mjs';
import { explain, say } from '../terminal/steps.mjs';
import { cpuSeconds, residentBytes, startStage } from './load/stage.mjs';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '500' }, seconds: { type: 'string', default: '300' }, kind: { type: 'string', default: 'quote' } },
});
const [count, seconds] = [Number(values.streams), Number(values.seconds)];
/** What a client has to wait for the last change at most. */
const LAST_MS = 60_000;
/** What the end of all may take: the platform notices a client that went with the next write, at the latest with a comment. */
const END_MS = 40_000;
/** What the memory of workerd may differ by from minute to minute. */
const SLACK_BYTES = 30_000_000;
const MOVE_MS = 200;
const QUOTE_MS = 250;

/** When the change of each count was made. */
const movedAt = new Map();
/** From the first change that a stream had not told to the event that holds it, of all events. */
const lags = [];

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
        const missed = movedAt.get(stream.id + 1);
        if (id > stream.id && missed !== undefined) lags.push(now - missed);
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

/** Asks for a quote again and again until `end`, which gives how long each took. */
function askBeside(url) {
  const took = [];
  let asking = true;
  const work = (async () => {
    for (let at = 0; asking; at += 1) {
      const began = performance.now();
      const response = await fetch(`${url}/quote?token_in=BTC&token_out=USDC&amount_in=${1 + (at % 100) / 100}`);
      await response.arrayBuffer();
      took.push(performance.now() - began);
      await sleep(QUOTE_MS);
    }
  })();
  return {
    async end() {
      asking = false;
      await work;
      return took;
    },
  };
}

/** The middle, the last hundredth and the worst, in whole milliseconds. */
function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return `middle ${at(0.5)} ms, 99 % within ${at(0.99)} ms, worst ${at(1)} ms`;
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
  const memory = async () => residentBytes(worker.pid);
  say(`at the start workerd has ${mb(await memory())}`);
  const client = await createClient({ url: redis.url }).connect();
  const move = await movingMarket(client);
  const streams = [];
  for (let at = 0; at < count; at += 1) {
    streams.push(openStream(new URL(pathOf(at), url), `10.0.${at >> 8}.${at & 255}`));
    if (at % 20 === 19) await sleep(100);
  }
  while (!streams.every(({ events }) => events > 0)) await sleep(200);
  const subscribed = async () => Number((await client.pubSubNumSub('dlmm:changes'))['dlmm:changes']);
  say(`${count} streams of ${values.kind}, ${await subscribed()} subscribers at Redis; workerd has ${mb(await memory())}`);
  for (const stream of streams) [stream.longest, stream.at] = [0, Date.now()];
  const before = streams.map(({ events }) => events);
  const [cpu, began] = [await cpuSeconds(worker.pid), Date.now()];
  let [moves, lastSeq, minute] = [0, 0, 0];
  const minutes = [];
  const beside = askBeside(url);
  while (Date.now() - began < seconds * 1_000) {
    const next = Date.now() + MOVE_MS;
    // An event may be there before the reply is.
    if (lastSeq > 0) movedAt.set(lastSeq + 1, Date.now());
    lastSeq = await move();
    moves += 1;
    if (Date.now() - began >= (minute + 1) * 60_000) {
      minute += 1;
      minutes.push(await memory());
      const events = streams.map((stream, at) => stream.events - before[at]);
      say(`minute ${minute}: ${moves} moves, events a stream ${Math.min(...events)} to ${Math.max(...events)}, ${await subscribed()} subscribers, workerd ${mb(minutes.at(-1))}`);
    }
    await sleep(Math.max(0, next - Date.now()));
  }
  const quotes = await beside.end();
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
  say(`from a change to its event: ${spread(lags)}`);
  say(`a plain quote beside them: ${spread(quotes)}, ${quotes.length} asked`);
  say(`longest silence of a stream: middle ${longest[count >> 1]} ms, worst ${longest.at(-1)} ms; refused: ${sum('refused')}; ids that went back: ${backwards}`);
  const read = await metrics(url);
  const upstream = await subscribed();
  say(`streams ${read('dlmm_streams')}, subscriptions ${read('dlmm_stream_subscriptions')}, at Redis ${upstream}, merged ${read('dlmm_stream_merged_changes_total')}, polls ${read('dlmm_stream_polls_total')}, wasm ${mb(read('dlmm_wasm_memory_bytes'))}`);
  for (const { close } of streams) close();
  const closed = Date.now();
  let left;
  do {
    await move();
    await sleep(500);
    left = await metrics(url);
  } while (left('dlmm_streams') + left('dlmm_stream_subscriptions') > 0 && Date.now() - closed < END_MS);
  const subscribers = await subscribed();
  say(`${Date.now() - closed} ms after all clients went: ${left('dlmm_streams')} streams, ${subscribers} subscribers at Redis; workerd has ${mb(await memory())}`);
  client.destroy();
  if (missing + backwards > 0) throw new Error('a change was missed, or an id went back');
  if (upstream !== count) throw new Error(`${count} streams have ${upstream} subscriptions`);
  if (left('dlmm_streams') + subscribers > 0) throw new Error('something is left of clients that went');
  if (minutes.length > 1 && minutes.at(-1) - minutes[0] > SLACK_BYTES) throw new Error(`memory grew from ${mb(minutes[0])} to ${mb(minutes.at(-1))}`);
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
