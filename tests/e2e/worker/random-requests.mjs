// Random quote requests, the same for the same seed.

/** A small generator (mulberry32); tests need repeatability, not strength. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Gives requests over these tokens: amounts from dust to more than there is, all limits, some that must be refused.
 *
 * @param {number} seed
 * @param {number} count
 * @param {Record<string, number>} tokens decimals by symbol
 * @param {string[]} pools
 */
export function randomRequests(seed, count, tokens, pools) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const chance = (share) => next() < share;
  const symbols = Object.keys(tokens);
  return Array.from({ length: count }, () => {
    const token_in = chance(0.04) ? 'NONE' : pick(symbols);
    const others = symbols.filter((symbol) => symbol !== token_in);
    const token_out = chance(0.04) ? pick([token_in, 'NONE']) : pick(others);
    const digits = Math.floor(next() * 18);
    const units = BigInt(Math.floor(next() * 9e15)) % 10n ** BigInt(digits + 1);
    const request = { token_in, token_out };
    const [side, token] = chance(0.7) ? ['amount_in', token_in] : ['amount_out', token_out];
    if (chance(0.5)) {
      request[`${side}_atomic`] = String(units);
    } else {
      const decimals = tokens[token] ?? 8;
      const text = String(units).padStart(decimals + 1, '0');
      request[side] = `${text.slice(0, text.length - decimals)}.${text.slice(text.length - decimals)}0`;
    }
    if (chance(0.3)) request.max_splits = pick([0, 1, 2, 3, 101]);
    if (chance(0.15)) request.explain = true;
    if (chance(0.3)) request.slippage_bps = Math.floor(next() * 10_010);
    if (chance(0.3)) request.max_hops = chance(0.1) ? pick([0, 5]) : pick([1, 2, 3, 4]);
    if (chance(0.2)) request.max_bins = pick([1, 2, 5, 50, 350, 351, 1001]);
    if (chance(0.4)) request.allow_partial = chance(0.8);
    if (chance(0.1)) request.direct_only = true;
    if (chance(0.1)) request.exclude_pools = [pick(pools)];
    if (chance(0.1)) request.pools = [pick([...pools, 'no-pool']), pick(pools)];
    if (chance(0.1)) request.via = [pick(symbols)];
    if (chance(0.1)) request.strict = true;
    if (chance(0.02)) request[side === 'amount_in' ? 'amount_out' : 'amount_in'] = 1;
    return request;
  });
}
