// TypeScript takes the package's types under `strict`, without skipLibCheck, however a consumer resolves modules.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { nodeModules } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { project, write } from './package.mjs';

const USES = `
export function use(text: string): string {
  using engine = QuoteEngine.fromSnapshot(text, { defaultFeeBps: 10 });
  const quote = engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in_atomic: 100000000n, via: ['SOL'], explain: true });
  const bound: string = quote.mode === 'exact_in' ? quote.minimum_received_atomic : quote.maximum_sent;
  for (const warning of quote.warnings) {
    if (warning.code === 'POOL_SKIPPED') console.log(warning.key, warning.reason);
    if (warning.code === 'PARTIAL_FILL') console.log(BigInt(warning.unfilled_atomic));
  }
  for (const answer of engine.quotes([{ token_in: 'A', token_out: 'B', amount_out: '1.5' }])) {
    if (answer.success) console.log(answer.routes[0]?.hops[0]?.pool_id);
    else if (answer.error.code === 'TOO_MANY_BINS') console.log(answer.error.details.allowed + 1);
  }
  engine.applyUpdate({ 'pool:P': null, 'bin:P:1': { bin_id: 1 } }, { takenAt: new Date() });
  const price: string | null | undefined = engine.pools().pools[0]?.active_bin_price;
  const routes = engine.routes('BTC', 'USDC', { max_hops: 2 }).routes[0]?.hops[0]?.pools[0]?.status;
  const { equal, moved } = verify(quote, { request: { token_in: 'A', token_out: 'B', amount_in: 1 }, snapshot: text, defaultFeeBps: 10 });
  console.log(moved?.[0]?.path);
  return [bound, price, routes, equal, engine.takenAt.toISOString(), engine.pool('P').bins.length].join();
}
export function code(error: unknown): ErrorCode | undefined {
  return error instanceof DlmmError ? error.code : undefined;
}
declare const request: QuoteRequest;
export type Checks = [Quote, typeof request];
// @ts-expect-error: two amounts
export const two: QuoteRequest = { token_in: 'A', token_out: 'B', amount_in: 1, amount_out: 1 };
// @ts-expect-error: no amount
export const none: QuoteRequest = { token_in: 'A', token_out: 'B' };
// @ts-expect-error: smallest units as a number
export const units: QuoteRequest = { token_in: 'A', token_out: 'B', amount_in_atomic: 5 };
// @ts-expect-error: a misspelt limit
export const misspelt: QuoteRequest = { token_in: 'A', token_out: 'B', amount_in: 1, max_hop: 2 };
`;
const NAMES = 'DlmmError, QuoteEngine, verify, type ErrorCode, type Quote, type QuoteRequest';

const options = (module, moduleResolution, lib) => ({
  compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, target: 'es2022', lib, types: [], module, moduleResolution },
});

let consumer;
before(async () => {
  consumer = await project({
    'console.d.ts': 'declare const console: { log(...values: unknown[]): void };\n',
    'use.mts': `import { ${NAMES} } from 'dlmm-quote';\n${USES}`,
    'slim.mts': `import { init, ${NAMES} } from 'dlmm-quote/slim';\n${USES}\nexport const loaded: Promise<void> = init('x.wasm');`,
    'use.cts': `import { ${NAMES} } from 'dlmm-quote';\n${USES}`,
    'slim.cts': `import { initSync, ${NAMES} } from 'dlmm-quote/slim';\n${USES}\ninitSync(new Uint8Array());`,
  });
});

async function compile(name, config) {
  await write(consumer.folder, { [name]: JSON.stringify(config) });
  const tsc = join(nodeModules, 'typescript', 'bin', 'tsc');
  return run(await modernNode(), [tsc, '-p', name], { cwd: consumer.folder, label: 'tsc' });
}

const ALL = ['console.d.ts', 'use.mts', 'slim.mts', 'use.cts', 'slim.cts'];

for (const [name, module, resolution, files] of [
  ['as Node does, import and require', 'nodenext', 'nodenext', ALL],
  ['as bundlers do', 'esnext', 'bundler', ['console.d.ts', 'use.mts', 'slim.mts']],
]) {
  test(`compiles where modules are resolved ${name}`, async () => {
    const config = { ...options(module, resolution, ['es2022']), files };
    assert.equal(await compile(`tsconfig.${resolution}.json`, config), '');
  });
}

test('compiles beside the types of browsers', async () => {
  const config = { ...options('esnext', 'bundler', ['es2022', 'dom']), files: ['use.mts', 'slim.mts'] };
  assert.equal(await compile('tsconfig.dom.json', config), '');
});
