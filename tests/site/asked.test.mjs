import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStillAsked } from '../../web/playground/quote/asked.ts';
import { DEFAULTS, requestOf, turned } from '../../web/playground/trade/trade.ts';

test('an answer belongs to what was asked, and to nothing that took its place', () => {
  let trade = { ...DEFAULTS, token_in: 'BTC', token_out: 'USDC' };
  const still = isStillAsked(() => requestOf(trade));
  assert.ok(still());
  for (const other of [{ ...trade, amount: '10' }, { ...trade, token_out: 'SOL' }, { ...trade, slippage_bps: '7' }, turned(trade)]) {
    const before = trade;
    trade = other;
    assert.equal(still(), false);
    trade = { ...before };
    assert.ok(still());
  }
  // The form changes its trade in place.
  trade.amount = '10';
  assert.equal(still(), false);
});
