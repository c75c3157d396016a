/** A JSON text, or a number: the first so that digits inside of texts stay what they are. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses an answer with its decimals as text, digit by digit as they came: every amount and price has a fraction, which
 * `JSON.parse` alone would round to the nearest float. Whole numbers (counts, ids, ages) stay numbers.
 */
export function parseExact(json) {
  return JSON.parse(json.replace(TEXT_OR_NUMBER, (token) => (token[0] !== '"' && /[.eE]/.test(token) ? `"${token}"` : token)));
}
