// Next.js with both of its builders: a client component that is rendered on the server too, a server component, and a route handler.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { run } from '../../../scripts/process/run.mjs';
import { Service } from '../../../scripts/process/service.mjs';
import { whenDone } from '../../e2e/stack/cleanup.mjs';
import { ONE_BTC_GIVES } from '../../npm/sample.mjs';
import { application, command, NIGHTLY } from '../app.mjs';

const [GIVES] = ONE_BTC_GIVES.split(' ');
const QUOTE = `engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n }).amount_out`;
const ENGINE = `import { readFileSync } from 'node:fs';\nimport { join, relative } from 'node:path';\nimport { QuoteEngine } from 'dlmm-quote';
const engine = () => QuoteEngine.fromSnapshot(readFileSync(join(process.cwd(), 'snapshot.json'), 'utf8'));\n`;
const SERVED = QUOTE.replace('engine', 'engine()');

const files = {
  'next.config.mjs': `export default { output: 'standalone', outputFileTracingRoot: ${JSON.stringify(NIGHTLY)} };`,
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
  'app/server/page.js': `${ENGINE}export const dynamic = 'force-dynamic';\nexport default () => <p id="server">server gives {${SERVED}}</p>;`,
  'app/api/route.js': `${ENGINE}export const dynamic = 'force-dynamic';\nexport const GET = () => Response.json({ gives: ${SERVED} });`,
  'app/client/quote.js': `'use client';\nimport { QuoteEngine } from 'dlmm-quote';
export default ({ snapshot }) => { const engine = QuoteEngine.fromSnapshot(snapshot); return <p>client gives {${QUOTE}}</p>; };`,
  'app/client/page.js': `import { readFileSync } from 'node:fs';\nimport Quote from './quote';\nexport const dynamic = 'force-dynamic';
export default () => <Quote snapshot={readFileSync('snapshot.json', 'utf8')} />;`,
};

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

for (const builder of ['turbopack', 'webpack']) {
  test(`next build with ${builder}`, { timeout: 600_000 }, async () => {
    const folder = await application(files, NIGHTLY);
    await run(command('next', NIGHTLY), ['build', `--${builder}`], { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: '1' } });
    // What runs is the standalone server alone.
    await rename(join(folder, 'node_modules', 'dlmm-quote'), join(folder, 'gone'));
    const port = await freePort();
    const server = await Service.start({
      name: 'next',
      command: process.execPath,
      args: [join(folder, '.next', 'standalone', relative(NIGHTLY, folder), 'server.js')],
      cwd: folder,
      env: { PORT: String(port), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' },
      ready: (line) => line.includes('Ready'),
    });
    whenDone(() => server.stop());
    const get = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.deepEqual(JSON.parse(await get('/api')), { gives: GIVES });
    assert.match(await get('/server'), new RegExp(`server gives (<!-- -->)?${GIVES}`));
    assert.match(await get('/client'), new RegExp(`client gives (<!-- -->)?${GIVES}`));
  });
}
