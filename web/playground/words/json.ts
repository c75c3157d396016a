// JSON for people to look at.

/** Parts of a JSON text: a text, a number or word, or a mark. */
const PARTS = /"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+|[{}[\],:]/g;

/** Sets a JSON text in lines. Parsing it would turn its decimals into floats, so it is only broken up. */
export function indented(json: string): string {
  let depth = 0;
  let out = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  const parts = json.match(PARTS) ?? [];
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (part === '{' || part === '[') {
      depth += 1;
      out += part + (next === '}' || next === ']' ? '' : line());
    } else if (part === '}' || part === ']') {
      depth -= 1;
      const before = parts[index - 1];
      out += (before === '{' || before === '[' ? '' : line()) + part;
    } else if (part === ',') out += part + line();
    else out += part === ':' ? ': ' : part;
  });
  return out;
}
