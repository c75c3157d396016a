// What one update of 20 bins costs a live engine: bytes on the wire, and time from the text of the event to the next quote.
//
//   node scripts/bench/live.mjs [snapshot.json]     after npm run build:web; without a file, a market of 300 pools of 101 bins
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { QuoteEngine } from '../../web/pkg/index.js';

const [file] = process.argv.slice(2);
const snapshot = file === undefined ? wideMarket() : JSON.parse(await readFile(file, 'utf8'));
const BINS = 20;
const ROUNDS = 2_000;

const engine = QuoteEngine.fromSnapshot(snapshot);
const [pool] = snapshot.pools;
const request = { token_in: pool.token_x, token_out: pool.token_y, amount_in: '0.5', include_steps: false };

/** The event of a block that moved the bins about the active one. */
function event(round) {
  const from = pool.bins.findIndex(({ bin_id }) => bin_id === Number(pool.active_bin_id)) - BINS / 2;
  const keys = {};
  for (const bin of pool.bins.slice(Math.max(0, from), Math.max(0, from) + BINS)) {
    const moved = { ...bin, pool_id: pool.pool_id };
    for (const name of ['x_amount', 'y_amount']) if (Number(moved[name]) > 0) moved[name] = (Number(moved[name]) * (1 + (round % 7) / 1_000)).toFixed(6);
    keys[`bin:${pool.pool_id}:${bin.bin_id}`] = JSON.stringify(moved);
  }
  return JSON.stringify({ taken_at: new Date(Date.parse(snapshot.taken_at) + round).toISOString(), block_height: null, keys });
}

const events = Array.from({ length: ROUNDS }, (_, round) => event(round));
const [text] = events;
console.log(`an event of ${BINS} bins: ${text.length} bytes, ${gzipSync(text).length} with gzip`);

for (const [name, work] of Object.entries({
  'the update': (data) => update(data),
  'the update and a quote': (data) => (update(data), engine.quote(request)),
  'a quote': () => engine.quote(request),
})) {
  for (const data of events.slice(0, 200)) work(data);
  const times = events.map((data) => {
    const began = performance.now();
    work(data);
    return performance.now() - began;
  });
  times.sort((a, b) => a - b);
  console.log(`${name}: ${shown(times[ROUNDS / 2])} median, ${shown(times[Math.floor(ROUNDS * 0.99)])} p99`);
}

function update(data) {
  const { keys, taken_at } = JSON.parse(data);
  engine.applyUpdate(keys, { takenAt: taken_at });
}

function shown(ms) {
  return `${(ms * 1_000).toFixed(0)} µs`;
}

function wideMarket() {
  const bins = (price) =>
    Array.from({ length: 101 }, (_, at) => {
      const bin_id = 450 + at;
      return { bin_id, price: (price * 1.0025 ** (bin_id - 500)).toFixed(8), x_amount: bin_id >= 500 ? '10.5' : '0', y_amount: bin_id <= 500 ? '1000.25' : '0' };
    });
  const pools = Array.from({ length: 300 }, (_, at) => ({
    ...{ pool_id: `T${at}-USDC-25`, token_x: `T${at}`, token_y: 'USDC', active_bin_id: 500, status: 'active', bins: bins(100 + at) },
    ...{ token_x_decimals: 8, token_y_decimals: 6, x_provider_fee: 10, y_provider_fee: 10 },
  }));
  return { format: 'dlmm-snapshot/1', taken_at: '2026-01-01T00:00:00Z', tokens: Object.fromEntries([...pools.map(({ token_x }) => [token_x, { decimals: 8 }]), ['USDC', { decimals: 6 }]]), pools };
}
