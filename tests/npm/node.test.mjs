// The package in Node: import, require, and with the loading left to the caller.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { project } from './package.mjs';
import { ONE_BTC_GIVES, quoteOneBtc, sampleSnapshot } from './sample.mjs';

const READ = `readFileSync(new URL('snapshot.json', import.meta.url), 'utf8')`;
let consumer;
before(async () => {
  consumer = await project({
    'snapshot.json': await sampleSnapshot(),
    'esm.mjs': quoteOneBtc(`
      import { readFileSync } from 'node:fs';
      import { QuoteEngine } from 'dlmm-quote';
      const engine = QuoteEngine.fromSnapshot(${READ});`),
    'cjs.cjs': quoteOneBtc(`
      const { readFileSync } = require('node:fs');
      const { QuoteEngine } = require('dlmm-quote');
      const engine = QuoteEngine.fromSnapshot(readFileSync(__dirname + '/snapshot.json'));`),
    'slim.mjs': quoteOneBtc(`
      import { readFileSync } from 'node:fs';
      import { init, QuoteEngine } from 'dlmm-quote/slim';
      await init(readFileSync(new URL(import.meta.resolve('dlmm-quote/dlmm_quote_bg.wasm'))));
      const engine = QuoteEngine.fromSnapshot(${READ});`),
    'slim.cjs': quoteOneBtc(`
      const { readFileSync } = require('node:fs');
      const { initSync, QuoteEngine } = require('dlmm-quote/slim');
      initSync(readFileSync(require.resolve('dlmm-quote/dlmm_quote_bg.wasm')));
      const engine = QuoteEngine.fromSnapshot(JSON.parse(readFileSync(__dirname + '/snapshot.json', 'utf8')));`),
    'both.mjs': `
      import { createRequire } from 'node:module';
      import { DlmmError, QuoteEngine } from 'dlmm-quote';
      const required = createRequire(import.meta.url)('dlmm-quote');
      console.log(required.QuoteEngine === QuoteEngine, required.DlmmError === DlmmError);`,
    'copies.mjs': `
      import { createRequire } from 'node:module';
      import { DlmmError } from 'dlmm-quote';
      const copy = createRequire(import.meta.url)('./node_modules/dlmm-quote/index.cjs');
      class Special extends DlmmError {}
      let refusal;
      try { copy.QuoteEngine.fromSnapshot('{}'); } catch (error) { refusal = error; }
      console.log(copy.DlmmError === DlmmError, refusal instanceof DlmmError, refusal instanceof Special, new Special('A', 'b') instanceof Special, new Error() instanceof DlmmError, undefined instanceof DlmmError);`,
    'early.mjs': `
      import { DlmmError, init, QuoteEngine } from 'dlmm-quote/slim';
      for (const attempt of [() => QuoteEngine.fromSnapshot('{}'), () => init(), () => init(new Uint8Array(8))]) {
        try {
          await attempt();
        } catch (error) {
          console.log(error instanceof DlmmError, error.code);
        }
      }`,
  });
});

for (const file of ['esm.mjs', 'cjs.cjs', 'slim.mjs', 'slim.cjs']) {
  test(`quotes 1 BTC in ${file}`, async () => {
    assert.equal(await consumer.node(file), ONE_BTC_GIVES);
  });
}

test('import and require give one and the same engine', async () => {
  assert.equal(await consumer.node('both.mjs'), 'true true');
});

test('a refusal of one copy of the package is one for every other', async () => {
  assert.equal(await consumer.node('copies.mjs'), 'false true false true false false');
});

test('the slim entry says when it was not loaded, or from nothing, or from no wasm', async () => {
  assert.equal(await consumer.node('early.mjs'), 'true ENGINE_NOT_READY\ntrue INVALID_REQUEST\ntrue ENGINE_NOT_READY');
});
