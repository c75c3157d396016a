// Sends quotes over a number of connections, each as soon as the last one is answered.
import autocannon from 'autocannon';

/** Trades of every pair and direction, small enough to fill wherever the market has moved. */
const TRADES = [
  { token_in: 'BTC', token_out: 'USDC', amount_in: '0.5' },
  { token_in: 'USDC', token_out: 'BTC', amount_in: '20000' },
  { token_in: 'SOL', token_out: 'USDC', amount_in: '40' },
  { token_in: 'BTC', token_out: 'SOL', amount_in: '0.1' },
  { token_in: 'SOL', token_out: 'BTC', amount_out: '0.01' },
];

const requests = TRADES.map((trade) => ({
  method: 'POST',
  path: '/quote',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(trade),
}));

/**
 * @param {object} options
 * @param {string} options.url
 * @param {number} options.connections
 * @param {number} options.seconds
 * @returns {Promise<{ sent: number, perSecond: number, p50: number, p99: number, statuses: Record<string, number>, broken: number, bad: number }>}
 *   `broken`: connections that failed or timed out; `bad`: those and answers that say 5xx
 */
export async function fire({ url, connections, seconds }) {
  const { latency, statusCodeStats, errors, duration } = await autocannon({ url, connections, duration: seconds, requests, timeout: 10 });
  const statuses = Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]));
  const sent = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const faults = Object.entries(statuses).filter(([status]) => status >= '500').reduce((sum, [, count]) => sum + count, 0);
  return { sent, perSecond: sent / duration, p50: latency.p50, p99: latency.p99, statuses, broken: errors, bad: errors + faults };
}
