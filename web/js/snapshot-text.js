import { DlmmError } from './error.js';
import { jsonOf, Unwritable } from './plain-json.js';
import { TextDecoder } from './text-coding.js';

/** Amounts and prices of a bin. Where the exact form stands beside the human one, the human one is not read to the last digit. */
const AMOUNTS = { reserve_x: null, reserve_y: null, price_e8: null, x_amount: 'reserve_x', y_amount: 'reserve_y', price: 'price_e8' };

/**
 * Whether the last digit of a stored field decides anything. Fields that nobody reads (`active_bin_price`, `total_tvl`) never refuse a
 * snapshot; ids, decimals and fees are small whole numbers, and the engine refuses whatever else stands there.
 */
export function isAmount(name, holder) {
  if (!Object.hasOwn(AMOUNTS, name)) return false;
  const exact = AMOUNTS[name];
  return exact === null || holder[exact] === undefined || holder[exact] === null;
}

/** The text of a snapshot that is given as text, as its bytes in UTF-8, or as the object parsed from it. */
export function snapshotText(snapshot) {
  if (typeof snapshot === 'string') return snapshot;
  if (ArrayBuffer.isView(snapshot)) return decoded(new Uint8Array(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength));
  if (snapshot instanceof ArrayBuffer) return decoded(new Uint8Array(snapshot));
  if (snapshot === null || typeof snapshot !== 'object') throw invalid('neither text, bytes nor an object');
  try {
    return jsonOf(snapshot, isAmount);
  } catch (error) {
    throw error instanceof Unwritable ? invalid(error.within('snapshot')) : error;
  }
}

function decoded(bytes) {
  try {
    // A copy, because a decoder takes no memory that is shared.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice());
  } catch {
    throw invalid('its bytes are not UTF-8');
  }
}

const invalid = (reason) => new DlmmError('SNAPSHOT_INVALID', reason, { reason });
