// The quotes of `core/benches/sharing.rs` through the npm package: what sharing a trade costs in wasm.
//
//   cargo bench -p dlmm-core --bench sharing      first: writes the market, and measures natively
//   npm run bench:sharing
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, targetDir } from '../paths.mjs';
import { say } from '../terminal/steps.mjs';

const ROUNDS = 9;
const QUOTES = 20;
const AMOUNT = '400000000.0';

const market = join(targetDir, 'bench', 'sharing.json');
const text = await readFile(market, 'utf8').catch(() => {
  throw new Error(`${market} is missing; run: cargo bench -p dlmm-core --bench sharing`);
});
const { QuoteEngine } = await import(join(root, 'web', 'pkg', 'node.mjs'));
const engine = QuoteEngine.fromSnapshot(text);

let single;
for (const [name, max_splits] of [
  ['best single route', 1],
  ['at most four routes', 4],
  ['any number of routes', 0],
]) {
  const request = { token_in: 'IN', token_out: 'OUT', amount_in: AMOUNT, max_splits };
  const { routes, steps, amount_out_atomic } = engine.quote(request);
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    for (let n = 0; n < QUOTES; n += 1) engine.quote(request);
    return (performance.now() - started) / QUOTES;
  });
  const ms = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)];
  single ??= ms;
  say(`${name}: ${ms.toFixed(2)} ms, ${(ms / single).toFixed(2)} times the best single route (${routes.length} routes, ${steps.length} steps, ${amount_out_atomic} out)`);
}
engine.free();
