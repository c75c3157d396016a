// Clients in TypeScript, made from the description by three generators: each makes every call to a running Worker.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { run } from '../../scripts/process/run.mjs';
import { ADMIN_TOKEN, command, compiledAndRun, DESCRIPTION, startEdge, workplace } from './description.mjs';

let url;
let folder;
before(async () => {
  url = await startEdge();
  folder = await workplace();
});

/** What every client is to print: the status of each call, and what 1 BTC gives by either of the first two. */
const EXPECTED = [
  ...['getQuote 200 99900000000', 'postQuote 200 99900000000', 'postQuotes 200 2', 'getRoutes 200', 'getPools 200', 'getPool 200', 'getPairs 200', 'getTokens 200'],
  ...['getSnapshot 200', 'getHealth 200', 'getMetrics 200', 'clearCache 200', 'refused 404 UNKNOWN_TOKEN'],
];

const NAMED = `const named = ['BTC-USDC-25', 'SOL-USDC-25'];
const ask = { token_in: 'BTC', token_out: 'USDC', amount_in: '1.0', max_hops: 1 };
const say = (...words: unknown[]) => console.log(words.join(' '));
const out = (quote: unknown) => (quote as { amount_out_atomic: string }).amount_out_atomic;
`;

test('openapi-typescript with openapi-fetch', async () => {
  await run(command('openapi-typescript'), [DESCRIPTION, '--output', 'paths.ts'], { cwd: folder });
  await writeFile(join(folder, 'openapi-fetch.mts'), `
import createClient from 'openapi-fetch';
import type { components, paths } from './paths.ts';
${NAMED}
const client = createClient<paths>({ baseUrl: process.env.EDGE });
// Fields with a default need not be given.
const least: components['schemas']['QuoteRequest'] = { token_in: 'BTC', token_out: 'USDC', amount_in: 1 };
const got = await client.GET('/quote', { params: { query: { ...ask, pools: named } } });
say('getQuote', got.response.status, out(got.data));
const posted = await client.POST('/quote', { body: least });
say('postQuote', posted.response.status, out(posted.data));
const batch = await client.POST('/quotes', { body: { requests: [ask, least] } });
say('postQuotes', batch.response.status, batch.data?.answers.length);
say('getRoutes', (await client.GET('/routes', { params: { query: { token_in: 'BTC', token_out: 'USDC' } } })).response.status);
say('getPools', (await client.GET('/pools', { params: { query: { limit: 2 } } })).response.status);
say('getPool', (await client.GET('/pools/{id}', { params: { path: { id: 'BTC-USDC-25' } } })).response.status);
say('getPairs', (await client.GET('/pairs')).response.status);
say('getTokens', (await client.GET('/tokens')).response.status);
say('getSnapshot', (await client.GET('/snapshot', { params: { query: { pools: named } } })).response.status);
say('getHealth', (await client.GET('/health')).response.status);
say('getMetrics', (await client.GET('/metrics', { parseAs: 'text' })).response.status);
say('clearCache', (await client.POST('/admin/cache/clear', { headers: { authorization: 'Bearer ${ADMIN_TOKEN}' } })).response.status);
const refused = await client.POST('/quote', { body: { ...least, token_in: 'NONE' } });
say('refused', refused.response.status, refused.error?.error.code);
`);
  await writeFile(join(folder, 'process.d.ts'), 'declare const process: { env: Record<string, string> };\n');
  assert.deepEqual(await compiledAndRun(folder, 'openapi-fetch.mts', url), EXPECTED);
});

test('orval: fetch and zod', async () => {
  const config = { client: { input: DESCRIPTION, output: { target: './orval.ts', client: 'fetch', baseUrl: url } }, checks: { input: DESCRIPTION, output: { target: './checks.ts', client: 'zod' } } };
  await writeFile(join(folder, 'orval.config.cjs'), `module.exports = ${JSON.stringify(config)};`);
  await run(command('orval'), ['--config', './orval.config.cjs'], { cwd: folder });
  await writeFile(join(folder, 'orval-client.mts'), `
import * as api from './orval.ts';
import * as checks from './checks.ts';
${NAMED}
const got = await api.getQuote({ ...ask, pools: named });
say('getQuote', got.status, out(checks.getQuoteResponse.parse(got.data)));
const posted = await api.postQuote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1 });
say('postQuote', posted.status, out(checks.postQuoteResponse.parse(posted.data)));
const batch = await api.postQuotes({ requests: [ask, ask] });
say('postQuotes', batch.status, checks.postQuotesResponse.parse(batch.data).answers.length);
say('getRoutes', (await api.getRoutes({ token_in: 'BTC', token_out: 'USDC' })).status);
const pools = await api.getPools({ limit: 2 });
checks.getPoolsResponse.parse(pools.data);
say('getPools', pools.status);
say('getPool', (await api.getPool('BTC-USDC-25')).status);
say('getPairs', (await api.getPairs()).status);
say('getTokens', (await api.getTokens()).status);
const snapshot = await api.getSnapshot({ pools: named });
checks.getSnapshotResponse.parse(snapshot.data);
say('getSnapshot', snapshot.status);
const health = await api.getHealth();
checks.getHealthResponse.parse(health.data);
say('getHealth', health.status);
say('getMetrics', (await fetch(process.env.EDGE + '/metrics')).status);
say('clearCache', (await api.clearCache({ headers: { authorization: 'Bearer ${ADMIN_TOKEN}' } })).status);
const refused = await api.postQuote({ token_in: 'NONE', token_out: 'USDC', amount_in: 1 });
say('refused', refused.status, (refused.data as api.Error).error.code);
`);
  assert.deepEqual(await compiledAndRun(folder, 'orval-client.mts', url), EXPECTED);
});

test('hey-api', async () => {
  await run(command('openapi-ts'), ['--input', DESCRIPTION, '--output', 'hey', '--client', '@hey-api/client-fetch'], { cwd: folder });
  await writeFile(join(folder, 'hey-client.mts'), `
import { client } from './hey/client.gen.ts';
import * as api from './hey/sdk.gen.ts';
${NAMED}
client.setConfig({ baseUrl: process.env.EDGE });
const got = await api.getQuote({ query: { ...ask, pools: named } });
say('getQuote', got.response?.status, out(got.data));
const posted = await api.postQuote({ body: { token_in: 'BTC', token_out: 'USDC', amount_in: 1 } });
say('postQuote', posted.response?.status, out(posted.data));
const batch = await api.postQuotes({ body: { requests: [ask, ask] } });
say('postQuotes', batch.response?.status, batch.data?.answers.length);
say('getRoutes', (await api.getRoutes({ query: { token_in: 'BTC', token_out: 'USDC' } })).response?.status);
say('getPools', (await api.getPools({ query: { limit: 2 } })).response?.status);
say('getPool', (await api.getPool({ path: { id: 'BTC-USDC-25' } })).response?.status);
say('getPairs', (await api.getPairs()).response?.status);
say('getTokens', (await api.getTokens()).response?.status);
say('getSnapshot', (await api.getSnapshot({ query: { pools: named } })).response?.status);
say('getHealth', (await api.getHealth()).response?.status);
say('getMetrics', (await api.getMetrics()).response?.status);
say('clearCache', (await api.clearCache({ headers: { authorization: 'Bearer ${ADMIN_TOKEN}' } })).response?.status);
const refused = await api.postQuote({ body: { token_in: 'NONE', token_out: 'USDC', amount_in: 1 } });
say('refused', refused.response?.status, (refused.error as { error: { code: string } }).error.code);
`);
  // Its modules name each other without endings, so a bundler puts them together.
  const { build } = await import('esbuild');
  await build({ absWorkingDir: folder, entryPoints: ['hey-client.mts'], bundle: true, platform: 'node', format: 'esm', outfile: join(folder, 'hey-client.mjs'), logLevel: 'silent' });
  const said = await run(process.execPath, ['hey-client.mjs'], { cwd: folder, env: { EDGE: url } });
  assert.deepEqual(said.trim().split('\n'), EXPECTED);
});
