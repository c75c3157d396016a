// The contract's swap in JavaScript's own BigInt, as somebody would write it who needs exact amounts in a page.

const PRICE_SCALE = 100_000_000n;
const BPS = 10_000n;
const LAST_BIN = 1000;

const least = (a, b) => (a < b ? a : b);

/** Reads a pool of a snapshot into numbers that can be counted with. */
export function readPool({ active_bin_id, bins, ...pool }) {
  const side = (name) => ['protocol', 'provider', 'variable'].map((part) => BigInt(pool[`${name}_${part}_fee`]));
  const read = ({ bin_id, reserve_x, reserve_y, price_e8 }) => [bin_id, { x: BigInt(reserve_x), y: BigInt(reserve_y), price: BigInt(price_e8) }];
  return { active: active_bin_id, fees: { x: side('x'), y: side('y') }, bins: new Map(bins.map(read)) };
}

/** Swaps `amount` through at most `maxBins` bins; the pool stays as it is. */
export function walk({ active, fees, bins }, xForY, amount, maxBins) {
  const [protocol, provider, variable] = xForY ? fees.x : fees.y;
  const fee = protocol + provider + variable;
  let left = amount;
  let given = 0n;
  const steps = [];
  let id = active;
  for (let visited = 0; visited < maxBins && left > 0n && id >= 0 && id <= LAST_BIN; visited += 1) {
    const bin = bins.get(id);
    const reserve = bin === undefined ? 0n : xForY ? bin.y : bin.x;
    if (reserve > 0n) {
      const [up, down] = xForY ? [bin.price, PRICE_SCALE] : [PRICE_SCALE, bin.price];
      const room = (reserve * down + up - 1n) / up;
      const taken = least(left, (room * BPS) / (BPS - fee));
      const total = (taken * fee) / BPS;
      const toProtocol = (taken * protocol) / BPS;
      const toVariable = (taken * variable) / BPS;
      const out = least(((taken - total) * up) / down, reserve);
      left -= taken;
      given += out;
      steps.push({ id, taken, given: out, protocol: toProtocol, provider: total - toProtocol - toVariable, variable: toVariable });
      if (out < reserve) break;
    }
    id += xForY ? -1 : 1;
  }
  return { taken: amount - left, given, steps };
}

/** The least input that gives at least `wanted`, by halving. */
export function leastInput(pool, xForY, wanted) {
  let [below, enough] = [0n, 1n];
  while (walk(pool, xForY, enough, LAST_BIN + 1).given < wanted) enough *= 2n;
  while (enough - below > 1n) {
    const middle = (below + enough) / 2n;
    if (walk(pool, xForY, middle, LAST_BIN + 1).given < wanted) below = middle;
    else enough = middle;
  }
  return enough;
}
