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
import { residentBytes, startStage } from './load/stage.mjs';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' }, kind: { type: 'string', default: 'quote' } },
});
const [count, seconds] = [Number(values.streams), Number(values.seconds)];
/** What a client has to wait for the last change at most. */
const LAST_MS = 60_000;
/** What the end of all may take: the platform notices a client that went with the next write, at the latest with a comment. */
const END_MS = 40_000;

const pathOf = (at) =>
  values.kind === 'quote' ? `/quote/stream?token_in=SOL&token_out=USDC&include_steps=false&amount_in=${1 + at / 1000}` : '/changes?token_in=SOL&token_out=USDC';

/** One client: counts its events, and notes the last id and the silences. */
function openStream(url) {
  const stream = { events: 0, refused: 0, id: 0, at: 0, longest: 0, backwards: 0, ended: false };
  const sent = request(url, { agent: false }, (response) => {
    response.setEncoding('utf8');
    let rest = '';
    response.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('event: refused')) stream.refused += 1;
        if (!line.startsWith('id: ')) continue;
        const [id, now] = [Number(line.slice(4)), Date.now()];
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

async function measure({ url, worker, market, redis }) {
  const client = await createClient({ url: redis.url }).connect();
  const streams = [];
  for (let at = 0; at < count; at += 1) {
    streams.push(openStream(new URL(pathOf(at), url)));
    if (at % 20 === 19) await sleep(100);
  }
  while (!streams.every(({ events }) => events > 0)) await sleep(200);
  say(`${count} streams of ${values.kind}; workerd has ${mb(await residentBytes(worker.pid))}`);
  for (const stream of streams) stream.longest = 0;
  const before = streams.map(({ events }) => events);
  for (let second = 10; second <= seconds; second += 10) {
    await sleep(10_000);
    const read = await metrics(url);
    const events = streams.map((stream, at) => stream.events - before[at]);
    say(`${second} s: events a stream ${Math.min(...events)} to ${Math.max(...events)}, workerd ${mb(await residentBytes(worker.pid))}, wasm ${mb(read('dlmm_wasm_memory_bytes'))}, subscriptions ${read('dlmm_stream_subscriptions')}`);
  }
  const longest = streams.map((stream) => stream.longest).toSorted((a, b) => a - b);
  await market.stop();
  const lastSeq = Number(await client.hGet('metadata', 'seq'));
  const stopped = Date.now();
  // A change of another pool alone is none of theirs, so the last id may be some behind; what they know is not.
  const isBehind = ({ at }) => at >= stopped;
  let quiet;
  do {
    quiet = streams.filter(isBehind).length;
    await sleep(2_000);
  } while (streams.filter(isBehind).length > quiet && Date.now() - stopped < LAST_MS);
  const read = await metrics(url);
  const backwards = streams.reduce((sum, stream) => sum + stream.backwards, 0);
  const refused = streams.reduce((sum, stream) => sum + stream.refused, 0);
  const least = Math.min(...streams.map(({ id }) => id));
  const lag = Math.max(...streams.map(({ at }) => at)) - stopped;
  say(`longest silence of a stream: middle ${longest[count >> 1]} ms, worst ${longest.at(-1)} ms; refused: ${refused}; ids that went back: ${backwards}`);
  say(`the last event came ${lag} ms after the last change; last ids ${least} to ${Math.max(...streams.map(({ id }) => id))} of ${lastSeq}`);
  say(`streams ${read('dlmm_streams')}, merged ${read('dlmm_stream_merged_changes_total')}, polls ${read('dlmm_stream_polls_total')}; ended early: ${streams.filter(({ ended }) => ended).length}`);
  for (const { close } of streams) close();
  const closed = Date.now();
  let left;
  do {
    await sleep(500);
    left = await metrics(url);
  } while (left('dlmm_streams') + left('dlmm_stream_subscriptions') > 0 && Date.now() - closed < END_MS);
  const subscribers = (await client.pubSubNumSub('dlmm:changes'))['dlmm:changes'];
  say(`${Date.now() - closed} ms after all clients went: ${left('dlmm_streams')} streams, ${subscribers} subscribers at Redis; workerd has ${mb(await residentBytes(worker.pid))}`);
  client.destroy();
  if (backwards + left('dlmm_streams') + Number(subscribers) > 0) throw new Error('an id went back, or something is left of clients that went');
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
