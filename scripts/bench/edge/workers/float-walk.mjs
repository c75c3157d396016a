// A swap as a JavaScript developer would write it over the parsed values: floats, one pool, one direction.
export function quote([pool, ...bins], amountIn) {
  const feeRate = 0.001;
  const byId = new Map(bins.filter((bin) => bin !== null).map((bin) => [bin.bin_id, bin]));
  let left = amountIn;
  let amountOut = 0;
  const steps = [];
  for (let id = pool.active_bin_id; left > 0 && byId.has(id); id -= 1) {
    const { y_amount, price } = byId.get(id);
    if (y_amount <= 0) continue;
    const taken = Math.min(left, y_amount / price / (1 - feeRate));
    const fee = taken * feeRate;
    const given = Math.min((taken - fee) * price, y_amount);
    left -= taken;
    amountOut += given;
    steps.push({ pool_id: pool.pool_id, bin_id: id, amount_in: taken, amount_out: given, price, fee_amount: fee });
  }
  return { success: left <= 0, amount_in: amountIn - left, amount_out: amountOut, steps };
}
