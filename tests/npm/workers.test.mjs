// The package in workerd: bundled by wrangler as for a deployment, and imported as it is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { nodeModules } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode, withPackagedCommands } from '../../scripts/tools/npm-packages.mjs';
import { project } from './package.mjs';
import { ONE_BTC_GIVES, sampleSnapshot } from './sample.mjs';
import { startBuilt } from './workerd.mjs';

// The engine is made where a Worker may not fetch, wait or draw random numbers: outside of a request.
const WORKER = `
import { DlmmError, QuoteEngine } from 'dlmm-quote';
import snapshot from './snapshot.json';
const engine = QuoteEngine.fromSnapshot(snapshot);
export default {
  fetch() {
    const quote = engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n });
    try {
      engine.quote({ token_in: 'BTC', token_out: 'DOGE', amount_in: 1n });
    } catch (error) {
      if (!(error instanceof DlmmError) || error.code !== 'UNKNOWN_TOKEN') throw error;
      return new Response(quote.amount_out + ' ' + quote.minimum_received_atomic);
    }
  },
};
`;

// A client in a Worker: the engine comes as a compiled module, and only when a live one is wanted.
const LIVE_WORKER = `
import { QuoteClient } from 'dlmm-quote/client';
import snapshot from './snapshot.json';
const service = async () => new Response('id: 1\\nevent: snapshot\\ndata: ' + JSON.stringify(snapshot) + '\\n\\n', { headers: { 'content-type': 'text/event-stream' } });
export default {
  async fetch() {
    const live = await new QuoteClient({ url: 'https://quotes.example', fetch: service }).liveEngine({ tokens: ['BTC', 'USDC'] });
    const quote = live.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n });
    live.close();
    return new Response(quote.amount_out + ' ' + quote.minimumReceived);
  },
};
`;

let consumer;
before(async () => {
  consumer = await project({
    'snapshot.json': await sampleSnapshot(),
    'worker.js': WORKER,
    'live/worker.js': LIVE_WORKER.replace('./snapshot', '../snapshot'),
    'live/wrangler.toml': 'name = "live"\nmain = "worker.js"\ncompatibility_date = "2026-07-01"\nsend_metrics = false\n',
    'wrangler.toml': 'name = "consumer"\nmain = "worker.js"\ncompatibility_date = "2026-07-01"\nsend_metrics = false\n',
  });
});

for (const [what, place] of [['an engine', '.'], ['a live engine', 'live']]) {
  test(`${what} quotes from what wrangler would deploy`, async () => {
    const wrangler = join(nodeModules, 'wrangler', 'bin', 'wrangler.js');
    const env = { ...withPackagedCommands(), CLOUDFLARE_API_TOKEN: '' };
    const cwd = join(consumer.folder, place);
    await run(await modernNode(), [wrangler, 'deploy', '--dry-run', '--outdir', 'out'], { cwd, env, label: 'wrangler' });
    const response = await fetch(await startBuilt(join(cwd, 'out')));
    assert.equal(await response.text(), ONE_BTC_GIVES);
  });
}
