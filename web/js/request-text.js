/**
 * The JSON text of a request whose values survive in it as they are: text, booleans, whole numbers, and whole amounts
 * as bigints. Handing a text over is several times as fast as handing an object over, value by value.
 *
 * Gives undefined for any other request; the engine then looks at every value itself and says what is wrong.
 */
export function requestText(fields) {
  if (fields instanceof Map) return undefined;
  // Without a prototype, so that even a field called __proto__ is written, and refused.
  const written = Object.create(null);
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isSafeInteger(value)) {
      written[name] = value;
    } else if (typeof value === 'bigint' && name.endsWith('_atomic')) {
      written[name] = value.toString();
    } else if (value !== undefined) {
      return undefined;
    }
  }
  return JSON.stringify(written);
}
