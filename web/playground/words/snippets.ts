// A request as code to take along. It runs as it stands, on Node 20 too.
import type { QuoteRequest } from '../trade/trade.ts';

/** The request as a line for a shell. */
export function curlOf(origin: string, request: QuoteRequest): string {
  const json = JSON.stringify(request).replaceAll("'", String.raw`'\''`);
  return `curl -s ${origin}/quote -H 'content-type: application/json' \\\n  -d '${json}'`;
}

/** The request for the package, over the snapshot at this address of the edge. */
export function typescriptOf(origin: string, request: QuoteRequest, address: string): string {
  const fields = Object.entries(request).map(([name, value]) => `  ${name}: ${literal(value)},`);
  const amount = 'amount_out' in request ? 'maximum_sent' : 'minimum_received';
  return [
    "import { QuoteEngine } from 'dlmm-quote';",
    '',
    `const engine = await QuoteEngine.fromUrl('${origin}${address}');`,
    'const quote = engine.quote({',
    ...fields,
    '});',
    `console.log(quote.amount_in, quote.amount_out, quote.${amount});`,
    'engine.free();',
  ].join('\n');
}

const literal = (value: QuoteRequest[string]) => {
  const json = JSON.stringify(value);
  // Single quotes, as the rest of the snippet; a text with one inside keeps its JSON form.
  return typeof value === 'string' && !value.includes("'") && !value.includes('\\') ? `'${value}'` : json.replaceAll('","', '", "');
};
