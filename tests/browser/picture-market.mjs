// A made-up market that is rich enough to look at: seven pools, five tokens, several routes.
const TOKENS = { BTC: { decimals: 8 }, ETH: { decimals: 18 }, SOL: { decimals: 9 }, STX: { decimals: 6 }, USDC: { decimals: 6 } };

/** Token x, token y, bin step, price, active bin, depth of one bin in x, and the fees: protocol, provider, variable. */
const POOLS = [
  ['BTC', 'USDC', 10, 100_000, 500, 0.35, [3, 4, 3]],
  ['BTC', 'USDC', 25, 100_040, 503, 0.8, [5, 10, 5]],
  ['SOL', 'USDC', 25, 200, 497, 260, [5, 15, 5]],
  ['BTC', 'ETH', 20, 25, 501, 0.6, [3, 10, 2]],
  ['ETH', 'SOL', 30, 20.02, 500, 12, [5, 20, 5]],
  ['BTC', 'SOL', 50, 500.6, 500, 0.22, [5, 30, 5]],
  ['STX', 'USDC', 50, 1.62, 500, 9000, [5, 30, 5]],
];

/** Bins on each side of the active one. */
const REACH = 60;

/** Gives the market as a `dlmm-snapshot/1` text. */
export function pictureMarket() {
  const taken_at = new Date().toISOString();
  return JSON.stringify({ format: 'dlmm-snapshot/1', taken_at, tokens: TOKENS, pools: POOLS.map((pool) => poolOf(pool, taken_at)) });
}

function poolOf([token_x, token_y, bin_step, price, active_bin_id, depth, fees], last_updated) {
  const pool_id = `${token_x}-${token_y}-${bin_step}`;
  const sides = ['x', 'y'].map((side) => ['protocol', 'provider', 'variable'].map((part, at) => [`${side}_${part}_fee`, fees[at]]));
  const bins = Array.from({ length: 2 * REACH + 1 }, (_, at) => binOf(pool_id, active_bin_id, at - REACH, price, bin_step, depth, last_updated));
  return {
    ...{ pool_id, token_x, token_y, bin_step, active_bin_id, initial_active_bin_id: 500, active_bin_price: String(price) },
    ...{ token_x_decimals: TOKENS[token_x].decimals, token_y_decimals: TOKENS[token_y].decimals, ...Object.fromEntries(sides.flat()) },
    ...{ status: 'active', total_tvl: '0', created_at: last_updated, last_updated, bins },
  };
}

/** Liquidity thins out with the distance, unevenly, as where many people provide it. */
function binOf(pool_id, active, away, centre, step, depth, last_updated) {
  const weight = Math.exp(-((away / 22) ** 2)) * (1 + 0.25 * Math.sin((active + away) * 1.7)) + 0.03;
  const price = centre * (1 + step / 10_000) ** away;
  const [x, y] = [away >= 0 ? weight * depth : 0, away <= 0 ? weight * depth * centre : 0];
  return {
    ...{ pool_id, bin_id: active + away, price: price.toFixed(8), x_amount: x.toFixed(6), y_amount: y.toFixed(6) },
    ...{ total_liquidity: '0', is_active: away === 0, last_updated },
  };
}
