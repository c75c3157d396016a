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
  const bound: string = quote.minimum_received_atomic;
  const least: bigint = quote.minimumReceived;
  const back = engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_out: '1.5' });
  const most: [string, bigint] = [back.maximum_sent, back.requestedOut + least];
  // @ts-expect-error: only an exact-out quote has it
  console.log(most, quote.maximum_sent);
  const either: QuoteRequest = JSON.parse(text);
  const unknown = engine.quote(either);
  console.log(unknown.mode === 'exact_out' ? unknown.maximumSent : unknown.minimumReceived);
  // @ts-expect-error: a misspelt limit, though the request says what it fixes
  engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1, max_hop: 2 });
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
  if (!(error instanceof DlmmError)) return undefined;
  // The code tells what the details are.
  if (error.code === 'INSUFFICIENT_LIQUIDITY') console.log(BigInt(error.details.fillable));
  // @ts-expect-error: which details those of any code have is not known
  console.log(error.details.fillable);
  return error.code;
}
export const one = (error: DlmmError<'TOO_MANY_BINS'>): number => error.details.allowed;
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
const CLIENT = `
import { DlmmError, QuoteClient, type LiveEngine, type LiveState } from 'dlmm-quote/client';
export async function follow(signal: AbortSignal): Promise<LiveState> {
  const client = new QuoteClient({ url: 'https://quotes.example', apiKey: 'key', fetch });
  const quote = await client.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: '1' }, { signal });
  const least: bigint = quote.minimumReceived;
  for await (const answer of client.stream({ token_in: 'BTC', token_out: 'USDC', amount_out: 1n }, { signal })) {
    if (answer.success) console.log(answer.maximumSent + least);
    else if (answer.error.code === 'INSUFFICIENT_LIQUIDITY') console.log(answer.error.details.fillable);
  }
  const live: LiveEngine = await client.liveEngine({ tokens: ['BTC', 'USDC'], signal, maxAgeMs: 5000, onState: (state, { error }) => console.log(state, error?.code) });
  const stop = live.onChange(({ pools }) => console.log(pools?.[0], live.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1 }).minimum_received));
  stop();
  // @ts-expect-error: not both
  await client.liveEngine({ tokens: ['BTC', 'USDC'], pools: ['P'] });
  // @ts-expect-error: a pair has two tokens
  await client.liveEngine({ tokens: ['BTC'] });
  const [token] = await client.tokens();
  const decimals: number | undefined = token?.decimals;
  const price: string | null | undefined = (await client.pools())[0]?.active_bin_price;
  console.log(decimals, price, (await client.pairs())[0]?.pools, (await client.routes('A', 'B', { max_hops: 2 })).limited, (await client.health()).status);
  try {
    live.quotes([{ token_in: 'A', token_out: 'B', amount_in: 1 }]);
  } catch (error) {
    if (error instanceof DlmmError && error.code === 'NOT_LIVE') console.log(error.details.age_ms, error.requestId);
  }
  live.close();
  return live.state;
}
`;
const NAMES = 'DlmmError, QuoteEngine, verify, type ErrorCode, type Quote, type QuoteRequest';

const options = (module, moduleResolution, lib) => ({
  compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, target: 'es2022', lib, types: [], module, moduleResolution },
});

let consumer;
before(async () => {
  consumer = await project({
    'console.d.ts': 'declare const console: { log(...values: unknown[]): void };\n',
    'client.mts': CLIENT,
    'client.cts': CLIENT,
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

test('the client compiles as Node resolves it', async () => {
  const config = { ...options('nodenext', 'nodenext', ['es2022', 'dom']), files: ['client.mts', 'client.cts'] };
  assert.equal(await compile('tsconfig.client.json', config), '');
});

test('compiles beside the types of browsers', async () => {
  const config = { ...options('esnext', 'bundler', ['es2022', 'dom']), files: ['use.mts', 'slim.mts', 'client.mts'] };
  assert.equal(await compile('tsconfig.dom.json', config), '');
});
