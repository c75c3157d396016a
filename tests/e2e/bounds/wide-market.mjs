// Markets as wide as they come: many pools of one pair, all bins full; and what the Worker says of itself meanwhile.
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { post } from '../worker/market.mjs';

/** Stored values of one pool whose bins are all full: key and text in turn, as MSET takes them. */
export function* wholePool(pool_id, token_x, token_y, { bins = 1001, reserve = 1_000_000, price = 100 } = {}) {
  const last_updated = new Date().toISOString();
  const pool = { pool_id, token_x, token_y, bin_step: 10, initial_active_bin_id: 500, active_bin_id: 500, active_bin_price: price, status: 'active', total_tvl: 1e9, created_at: last_updated, last_updated };
  yield [`pool:${pool_id}`, JSON.stringify({ ...pool, token_x_decimals: 6, token_y_decimals: 6 })];
  const half = Math.floor((bins - 1) / 2);
  for (let bin_id = 500 - half; bin_id <= 500 + half; bin_id += 1) {
    const at = (price * 1.001 ** (bin_id - 500)).toFixed(8);
    const [x_amount, y_amount] = [bin_id >= 500 ? reserve : 0, bin_id <= 500 ? reserve : 0];
    const total_liquidity = reserve * (bin_id === 500 ? 2 : 1);
    yield [`bin:${pool_id}:${bin_id}`, JSON.stringify({ pool_id, bin_id, x_amount, y_amount, price: Number(at), total_liquidity, is_active: bin_id === 500, last_updated })];
  }
}

/**
 * Starts a market of these pools: `{ id: [token_x, token_y, options] }`.
 *
 * @param {Record<string, [string, string, object?]>} pools
 * @param {Record<string, string>} [vars] further settings of the Worker
 * @param {(gateway: object) => Promise<object>} [between] puts something between the Worker and the gateway
 */
export async function startWideMarket(pools, vars = {}, between = async (gateway) => gateway) {
  const redis = await startRedis();
  await redis.session(async (client) => {
    for (const [id, [token_x, token_y, options]] of Object.entries(pools)) {
      await client.sendCommand(['MSET', ...[...wholePool(id, token_x, token_y, options)].flat()]);
      await client.sendCommand(['SADD', 'pools', id]);
    }
  });
  const gateway = await between(await startGateway({ redisUrl: redis.url }));
  const settings = { ...upstashVars(gateway), ...vars };
  const worker = again(await startWorker({ vars: settings }));
  return { redis, gateway, worker, vars: settings, quote: (request) => post(worker, request) };
}

/** A server may close a connection just when the next request goes out on it; then that one goes out anew. */
function again(worker) {
  const fetchOnce = worker.fetch;
  worker.fetch = async (path, init) => {
    try {
      return await fetchOnce(path, init);
    } catch (error) {
      if (!['ECONNRESET', 'UND_ERR_SOCKET'].includes(error.cause?.code)) throw error;
      return fetchOnce(path, init);
    }
  };
  return worker;
}

/** `count` pools of one pair. */
export function parallel(count, options, prefix = 'P') {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${String(n).padStart(2, '0')}`, ['A', 'B', { price: 100 + n / 50, ...options }]]));
}

/** Sends a batch and gives status, bytes and body. */
export async function batch(worker, requests, more = {}) {
  const response = await worker.fetch('/quotes', { method: 'POST', body: JSON.stringify({ requests, ...more }) });
  const text = await response.text();
  return { status: response.status, bytes: Buffer.byteLength(text), body: JSON.parse(text) };
}
