// An application of a user's, in a folder of its own, with the packed package installed and the tools of this folder around it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { packed, write } from '../npm/package.mjs';
import { quoteOneBtc, sampleSnapshot } from '../npm/sample.mjs';

const HERE = join(root, 'tests/bundlers');

/** Where the larger tools are, which only the tests at night install. */
export const NIGHTLY = join(HERE, 'nightly');

const READ = `fromSnapshot(readFileSync('snapshot.json', 'utf8'))`;

/** A program that quotes a snapshot in the folder it runs in, as a module. */
export const MODULE = quoteOneBtc(`
  import { readFileSync } from 'node:fs';
  import { QuoteEngine } from 'dlmm-quote';
  const engine = QuoteEngine.${READ};`);

/** The same with `require`. */
export const SCRIPT = quoteOneBtc(`
  const { readFileSync } = require('node:fs');
  const { QuoteEngine } = require('dlmm-quote');
  const engine = QuoteEngine.${READ};`);

/** One for pages, which fetches the snapshot. */
export const PAGE = quoteOneBtc(`
  import { QuoteEngine } from 'dlmm-quote';
  const engine = await QuoteEngine.fromUrl('/snapshot.json');`);

const SNAPSHOT = `readFileSync('snapshot.json', 'utf8').trim()`;
const LIVE = `
  const events = 'event: snapshot\\ndata: ' + ${SNAPSHOT} + '\\n\\n';
  const fetch = async () => new Response(events, { headers: { 'content-type': 'text/event-stream' } });
  const client = new QuoteClient({ url: 'https://quotes.example', fetch });
  client.liveEngine({ tokens: ['BTC', 'USDC'] }).then((engine) => {
    ${quoteOneBtc('')}
    engine.close();
  });`;

/** A program whose client loads the engine for a live one, as a module. */
export const LIVE_MODULE = `import { readFileSync } from 'node:fs';\nimport { QuoteClient } from 'dlmm-quote/client';\n${LIVE}`;

/** The same with `require`. */
export const LIVE_SCRIPT = `const { readFileSync } = require('node:fs');\nconst { QuoteClient } = require('dlmm-quote/client');\n${LIVE}`;

/** One that follows the service whose address it is given, by the runtime's own fetch. */
export const FOLLOWER = `
  import { QuoteClient } from 'dlmm-quote/client';
  const client = new QuoteClient({ url: process.argv[2], apiKey: 'key' });
  const live = await client.liveEngine({ tokens: ['BTC', 'USDC'] });
  while (live.id !== '2') await new Promise((resolve) => setTimeout(resolve, 10));
  const request = { token_in: 'BTC', token_out: 'USDC', amount_in: 1n };
  console.log(live.state, live.id, live.quote(request).amount_out);
  for await (const { amountOut } of client.stream(request)) {
    console.log(amountOut);
    break;
  }
  const stop = AbortSignal.abort();
  await client.tokens({ signal: stop }).catch(({ name }) => console.log(name));
  live.close();`;

/**
 * Makes the application's folder below `tools`, so that its modules find the tools that are installed there.
 *
 * @param {Record<string, string>} files what to write into it, by path
 */
export async function application(files = {}, tools = HERE) {
  await mkdir(join(tools, 'apps'), { recursive: true });
  const folder = await mkdtemp(join(tools, 'apps', 'app-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules', 'dlmm-quote');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', await packed(), '-C', installed, '--strip-components', '1']);
  await write(folder, { 'package.json': '{"name":"application","private":true}', 'snapshot.json': await sampleSnapshot(), ...files });
  return folder;
}

/** The installed command `name`. */
export const command = (name, tools = HERE) => join(tools, 'node_modules', '.bin', name);

/** What a program prints, run by this Node in the folder of the application. */
export async function printed(folder, ...args) {
  return (await run(process.execPath, args, { cwd: folder })).trim();
}
