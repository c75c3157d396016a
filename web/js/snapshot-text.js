import { DlmmError } from './error.js';
import { jsonOf, Unwritable } from './plain-json.js';

/** The text of a snapshot that is given as text, as its bytes in UTF-8, or as the object parsed from it. */
export function snapshotText(snapshot) {
  if (typeof snapshot === 'string') return snapshot;
  if (ArrayBuffer.isView(snapshot)) return decoded(new Uint8Array(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength));
  if (snapshot instanceof ArrayBuffer) return decoded(new Uint8Array(snapshot));
  if (snapshot === null || typeof snapshot !== 'object') throw invalid('neither text, bytes nor an object');
  try {
    return jsonOf(snapshot);
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
