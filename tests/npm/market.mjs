// The built package, and a small market that a reader can check by hand.
import assert from 'node:assert/strict';
import { DlmmError, QuoteEngine } from '../../web/pkg/index.js';

export { DlmmError, QuoteEngine, resolveInputs, verify } from '../../web/pkg/index.js';

const bin = (bin_id, x_amount, y_amount, price) => ({ bin_id, x_amount, y_amount, price });

const pool = (pool_id, token_x, token_y, bins, more = {}) => ({
  pool_id,
  token_x,
  token_y,
  active_bin_id: 500,
  status: 'active',
  last_updated: '2026-01-01T00:00:00Z',
  x_provider_fee: 0,
  y_provider_fee: 0,
  bins,
  ...more,
});

/** 1 BTC is 100 USDC for the first 10 BTC and 50 for the next 10; 1 SOL is 2 USDC. No fees. */
export const snapshot = () => ({
  format: 'dlmm-snapshot/1',
  taken_at: '2026-01-01T00:01:00Z',
  tokens: { BTC: { decimals: 8 }, SOL: { decimals: 9 }, USDC: { decimals: 6 } },
  pools: [
    pool('BTC-USDC', 'BTC', 'USDC', [bin(499, '0', '500', '50'), bin(500, '10', '1000', '100')]),
    pool('SOL-USDC', 'SOL', 'USDC', [bin(500, '1000', '2000', '2')]),
  ],
});

export const engine = (options) => QuoteEngine.fromSnapshot(snapshot(), options);

export const oneBtc = (more = {}) => ({ token_in: 'BTC', token_out: 'USDC', amount_in: 1, ...more });

/** Demands that `work` throws a DlmmError with this code, and gives its details. */
export function refused(work, code) {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof DlmmError && error instanceof Error, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.name, 'DlmmError');
    assert.ok(error.message.length > 0);
    return error.details;
  }
  assert.fail(`no ${code}`);
}
