// A snapshot as charts and lists need it. Floats are fine here: they are drawn, never traded on.

export interface ChartBin {
  id: number;
  /** Y per X, whole tokens. */
  price: number;
  /** Reserves in whole tokens. */
  x: number;
  y: number;
}

export interface ChartPool {
  pool_id: string;
  token_x: string;
  token_y: string;
  bin_step: number | undefined;
  active_bin_id: number;
  status: string;
  bins: ChartBin[];
}

export interface Market {
  /** When the edge read it. */
  takenAt: Date;
  /** Decimals by token, of tokens that a pool holds. */
  decimals: Map<string, number>;
  pools: Map<string, ChartPool>;
}

type Json = Record<string, unknown>;

/** Reads a `dlmm-snapshot/1` text. What the engine would leave out is only shown less, so nothing is checked twice. */
export function marketOf(text: string): Market {
  const { taken_at, tokens, pools } = JSON.parse(text) as { taken_at: string; tokens: Record<string, Json>; pools: Json[] };
  const decimals = new Map<string, number>();
  for (const [symbol, token] of Object.entries(tokens)) decimals.set(symbol, Number(token.decimals));
  const charted = pools.map((pool) => chartPool(pool, decimals));
  return { takenAt: new Date(taken_at), decimals, pools: new Map(charted.map((pool) => [pool.pool_id, pool])) };
}

function chartPool(pool: Json, decimals: Map<string, number>): ChartPool {
  const [token_x, token_y] = [String(pool.token_x), String(pool.token_y)];
  const x = decimals.get(token_x) ?? Number(pool.token_x_decimals);
  const y = decimals.get(token_y) ?? Number(pool.token_y_decimals);
  const bins = (Array.isArray(pool.bins) ? (pool.bins as Json[]) : []).map((bin) => chartBin(bin, x, y));
  return {
    pool_id: String(pool.pool_id),
    token_x,
    token_y,
    bin_step: pool.bin_step === undefined ? undefined : Number(pool.bin_step),
    active_bin_id: Number(pool.active_bin_id),
    status: String(pool.status),
    bins: bins.filter(({ price }) => price > 0).sort((a, b) => a.id - b.id),
  };
}

/** Each exact field wins over its human twin, as in the engine. */
function chartBin(bin: Json, decimalsX: number, decimalsY: number): ChartBin {
  const reserve = (exact: unknown, human: unknown, decimals: number) =>
    exact === undefined || exact === null ? Number(human ?? 0) : Number(exact) / 10 ** decimals;
  const price =
    bin.price_e8 === undefined || bin.price_e8 === null
      ? Number(bin.price)
      : (Number(bin.price_e8) / 1e8) * 10 ** (decimalsX - decimalsY);
  return {
    id: Number(bin.bin_id),
    price,
    x: reserve(bin.reserve_x, bin.x_amount, decimalsX),
    y: reserve(bin.reserve_y, bin.y_amount, decimalsY),
  };
}

/** Gives the tokens that a pool of any status holds, by name. */
export function tokensOf(market: Market): string[] {
  const held = [...market.pools.values()].flatMap(({ token_x, token_y }) => [token_x, token_y]);
  return [...new Set(held)].sort();
}
