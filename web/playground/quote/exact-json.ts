/** A JSON text, or a number with a fraction or an exponent: the first so that digits inside of texts stay what they are. */
const TEXT_OR_FRACTION = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses an HTTP answer with its decimals as text, digit by digit as they came.
 *
 * `JSON.parse` alone would turn `0.123456789012345678` into the nearest float. Whole numbers (counts, ids, ages) stay numbers.
 */
export function parseExact(json: string): unknown {
  return JSON.parse(json.replace(TEXT_OR_FRACTION, (token) => (/^-?\d+[.eE]/.test(token) ? `"${token}"` : token)));
}
