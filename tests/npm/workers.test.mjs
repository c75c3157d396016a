// The package in workerd: bundled by wrangler as for a deployment, and imported as it is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { nodeModules } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode, withPackagedCommands } from '../../scripts/tools/npm-packages.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { project } from './package.mjs';
import { ONE_BTC_GIVES, sampleSnapshot } from './sample.mjs';

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

let consumer;
before(async () => {
  consumer = await project({
    'snapshot.json': await sampleSnapshot(),
    'worker.js': WORKER,
    'wrangler.toml': 'name = "consumer"\nmain = "worker.js"\ncompatibility_date = "2026-07-01"\nsend_metrics = false\n',
  });
});

test('quotes from what wrangler would deploy', async () => {
  const wrangler = join(nodeModules, 'wrangler', 'bin', 'wrangler.js');
  const env = { ...withPackagedCommands(), CLOUDFLARE_API_TOKEN: '' };
  await run(await modernNode(), [wrangler, 'deploy', '--dry-run', '--outdir', 'out'], { cwd: consumer.folder, env, label: 'wrangler' });
  const out = join(consumer.folder, 'out');
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    cf: false,
    log: new Log(LogLevel.ERROR),
    modules: true,
    modulesRoot: out,
    scriptPath: join(out, 'worker.js'),
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'], fallthrough: true }],
    compatibilityDate: '2026-07-01',
  });
  whenDone(() => miniflare.dispose());
  const response = await fetch(await miniflare.ready);
  assert.equal(await response.text(), ONE_BTC_GIVES);
});
