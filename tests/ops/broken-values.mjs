// Values that core refuses. Each is made from a sound one by replacing text, so that numbers stay as they are written.

export const POOL_KEY = 'pool:P-1';
export const BIN_KEY = 'bin:P-1:500';

export const POOL =
  '{"pool_id":"P-1","token_x":"BTC","token_y":"USDC","active_bin_id":500,"status":"active","token_x_decimals":8,"token_y_decimals":6,"x_protocol_fee":1,"x_provider_fee":8,"x_variable_fee":1,"last_updated":"2026-11-23T23:00:00Z"}';
export const EXACT_BIN = '{"pool_id":"P-1","bin_id":500,"reserve_x":"5","reserve_y":"7","price_e8":"900","is_active":true}';
export const HUMAN_BIN = '{"bin_id":500,"x_amount":1.5,"y_amount":7,"price":100000.0}';

const pool = (from, to) => ({ schema: 'pool', key: POOL_KEY, text: replaced(POOL, from, to) });
const exact = (from, to) => ({ schema: 'bin', key: BIN_KEY, text: replaced(EXACT_BIN, from, to) });
const human = (from, to) => ({ schema: 'bin', key: BIN_KEY, text: replaced(HUMAN_BIN, from, to) });

function replaced(text, from, to) {
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  return text.replace(from, to);
}

/** Refused by core and by the schemas. */
export const BROKEN = [
  pool(POOL, '{'),
  pool(POOL, '[]'),
  pool(POOL, '"text"'),
  pool('"pool_id":"P-1",', ''),
  pool('"token_x":"BTC",', ''),
  pool('"token_y":"USDC",', ''),
  pool('"active_bin_id":500,', ''),
  pool('"status":"active",', ''),
  pool('"P-1"', '"P 1"'),
  pool('"BTC"', '"B:TC"'),
  pool('"BTC"', `"${'A'.repeat(129)}"`),
  pool('"BTC"', '""'),
  pool('"BTC"', '5'),
  pool('500', '1001'),
  pool('500', '-1'),
  pool('500', '500.5'),
  pool('500', 'true'),
  pool('500', '"x"'),
  pool('"active"', '"closed"'),
  pool('"active"', '"Active"'),
  pool('"active"', 'null'),
  pool('"token_x_decimals":8', '"token_x_decimals":39'),
  pool('"token_x_decimals":8', '"token_x_decimals":-1'),
  pool('"token_x_decimals":8', '"token_x_decimals":"many"'),
  pool('"x_provider_fee":8', '"x_provider_fee":10000'),
  pool('"x_provider_fee":8', '"x_provider_fee":-1'),
  pool('"x_provider_fee":8', '"x_provider_fee":0.5'),
  pool('"x_provider_fee":8', '"x_provider_fee":[]'),
  exact(EXACT_BIN, 'null'),
  exact('"bin_id":500,', ''),
  exact('500', '1001'),
  exact('"reserve_x":"5",', ''),
  exact('"reserve_y":"7",', ''),
  exact('"price_e8":"900",', ''),
  exact('"5"', '"-5"'),
  exact('"5"', '"5.5"'),
  exact('"5"', '""'),
  exact('"5"', '"0x5"'),
  exact('"5"', '" 5"'),
  exact('"5"', 'true'),
  exact('"5"', `"${'9'.repeat(40)}"`),
  exact('"900"', '"0"'),
  exact('"900"', '0'),
  exact('"900"', '"900.5"'),
  exact('true', '"true"'),
  exact('true', '1'),
  exact('"P-1"', '"P/1"'),
  human('1.5', '-1.5'),
  human('1.5', '"-1.5"'),
  human('1.5', '"1,5"'),
  human('1.5', '"NaN"'),
  human('1.5', 'NaN'),
  human('1.5', '"."'),
  human('1.5', '{}'),
  human('100000.0', '0'),
  human('100000.0', '0.0'),
  human('100000.0', '"0e5"'),
  human('100000.0', '-1'),
];

/** Refused by core, and beyond what a JSON Schema can say. docs/redis.md lists these. */
export const BEYOND_SCHEMA = [
  { why: 'a field twice', ...pool('"status":"active"', '"status":"active","status":"active"') },
  { why: 'another id than the key', ...pool('"P-1"', '"P-2"') },
  { why: 'another bin id than the key', ...exact('500', '501') },
  { why: 'another pool than the key', ...exact('"P-1"', '"P-2"') },
  { why: 'both tokens the same', ...pool('"token_y":"USDC","active_bin_id":500,"status":"active","token_x_decimals":8,"token_y_decimals":6', '"token_y":"BTC","active_bin_id":500,"status":"active"') },
  { why: 'fees that add up to 100 %', ...pool('"x_provider_fee":8', '"x_provider_fee":9998') },
  { why: '39 digits above 2^128 - 1', ...exact('"5"', '"340282366920938463463374607431768211456"') },
  { why: 'human reserves too large for the decimals', ...human('1.5', '1e35') },
  { why: 'a human price beyond 128 bits', ...human('100000.0', '1e60') },
];
