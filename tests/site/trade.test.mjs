import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { queryOf, tradeOf, unitsOf, waitsFor } from '../../web/playground/trade/link.ts';
import { changedLimits, DEFAULTS, LIMITS, MORE, NOTHING_MORE, requestOf, turned } from '../../web/playground/trade/trade.ts';
import { addressNote } from '../../web/playground/words/address.ts';

const { schemas } = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).components;

const TRADE = { ...DEFAULTS, token_in: 'BTC', token_out: 'USDC', amount: '0.1' };

test('what equals a default is left out of the request, and amounts stay text', () => {
  assert.deepEqual(requestOf(TRADE), { token_in: 'BTC', token_out: 'USDC', amount_in: '0.1' });
  const limited = { ...TRADE, mode: 'exact_out', slippage_bps: '0', max_hops: '1', max_splits: '0', via: 'USDC, SOL', strict: true };
  assert.deepEqual(requestOf(limited), {
    ...{ token_in: 'BTC', token_out: 'USDC', amount_out: '0.1', slippage_bps: 0, max_hops: 1, max_splits: 0 },
    ...{ via: ['USDC', 'SOL'], strict: true },
  });
  assert.deepEqual(changedLimits(limited), ['max_hops', 'max_splits', 'via', 'strict']);
});

test('a limit that is no number reaches the engine as it was typed, to be refused there', () => {
  assert.equal(requestOf({ ...TRADE, max_bins: 'many' }).max_bins, 'many');
});

test('a link holds the trade, the whole trade and nothing but what the API takes', () => {
  const trade = { ...TRADE, mode: 'exact_out', slippage_bps: '7', max_age_ms: '60000', pools: 'A,B', allow_partial: true };
  const query = queryOf(trade);
  assert.equal(query, '?token_in=BTC&token_out=USDC&amount_out=0.1&slippage_bps=7&max_age_ms=60000&pools=A,B&allow_partial=true');
  assert.deepEqual(tradeOf(query), trade);
  assert.deepEqual(tradeOf('?utm_source=x'), { ...DEFAULTS, unused: ['utm_source'] });
});

test('what a link asks for without an input on the page is asked for, kept in the link and told', () => {
  const query = '?token_in=BTC&token_out=USDC&amount_in=0.1&strict=true&max_reads=55&min_block_height=7&explain=true';
  const trade = tradeOf(query);
  assert.deepEqual(requestOf(trade), { token_in: 'BTC', token_out: 'USDC', amount_in: '0.1', strict: true, max_reads: 55, min_block_height: 7, explain: true });
  assert.equal(queryOf(trade), query);
  assert.deepEqual(changedLimits(trade), ['strict', 'max_reads', 'min_block_height', 'explain']);
  assert.equal(addressNote(trade), 'Also asked for, from the address: max_reads 55, min_block_height 7, explain true.');
  assert.equal(requestOf(tradeOf('?direct_only=false')).direct_only, false);
  // What is no number is for the engine to refuse.
  assert.equal(requestOf(tradeOf('?max_reads=few')).max_reads, 'few');
  assert.deepEqual(requestOf({ ...trade, ...LIMITS, ...NOTHING_MORE }), requestOf(TRADE));
});

test('what a link says that is not used is named', () => {
  const trade = tradeOf('?token_in=BTC&foo=1&include_state=true&foo=2&amount_in_atomic=7&via=SOL');
  assert.deepEqual(trade.unused, ['foo', 'include_state']);
  assert.equal(addressNote(trade), 'Not used of the address: foo, include_state.');
  assert.equal(addressNote({ ...trade, more: { max_reads: '5' } }), 'Also asked for, from the address: max_reads 5. Not used of the address: foo, include_state.');
  assert.equal(addressNote(TRADE), '');
});

test('every field of a request has an input, is kept, or is one that the page makes itself', () => {
  const elsewhere = ['include_state', 'include_steps', 'plan'];
  const known = [...Object.keys(DEFAULTS), ...MORE, 'amount_in', 'amount_out', 'amount_in_atomic', 'amount_out_atomic', ...elsewhere];
  const fields = Object.keys(schemas.QuoteRequest.properties);
  assert.ok(fields.length > 15);
  assert.deepEqual(fields.filter((name) => !known.includes(name)), []);
});

test('turning a trade around keeps its amount on its token', () => {
  const back = turned(TRADE);
  assert.deepEqual([back.token_in, back.token_out, back.mode, back.amount], ['USDC', 'BTC', 'exact_out', '0.1']);
  assert.deepEqual(turned(back), TRADE);
});

test('a link may give smallest units, as the API takes them', () => {
  assert.deepEqual(unitsOf('?token_in=BTC&token_out=USDC&amount_in_atomic=150000000'), { mode: 'exact_in', token: 'BTC', units: '150000000' });
  assert.deepEqual(unitsOf('?token_in=BTC&token_out=USDC&amount_out_atomic=7'), { mode: 'exact_out', token: 'USDC', units: '7' });
  for (const query of ['?token_in=BTC&amount_in=1', '?token_in=BTC&amount_in_atomic=1.5', '?amount_in_atomic=5']) assert.equal(unitsOf(query), undefined);
});

test('an amount in smallest units waits for the decimals, and for nothing once another one is chosen', () => {
  const query = '?token_in=BTC&token_out=USDC&amount_out_atomic=7';
  const [trade, units] = [tradeOf(query), unitsOf(query)];
  // No amount at all: a default one would be quoted.
  assert.deepEqual([trade.mode, trade.amount], ['exact_out', '']);
  assert.ok(waitsFor(units, trade));
  assert.ok(waitsFor(units, { ...trade, token_in: 'SOL', max_hops: '1' }));
  for (const change of [{ amount: '5' }, { token_out: 'SOL' }, { mode: 'exact_in' }]) assert.equal(waitsFor(units, { ...trade, ...change }), false);
});
