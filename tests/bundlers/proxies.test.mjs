// Frameworks put a proxy around what they hold. An engine works through it, or is left alone by it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC_GIVES } from '../npm/sample.mjs';
import { application, printed } from './app.mjs';

const program = (imports, held) => `
  import { readFileSync } from 'node:fs';
  import { QuoteEngine } from 'dlmm-quote';
  ${imports}
  const inside = QuoteEngine.fromSnapshot(readFileSync('snapshot.json', 'utf8'));
  const engine = ${held};
  const { amount_out, minimum_received_atomic } = engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n });
  engine.free();
  let after;
  try { inside.pools(); } catch (error) { after = error.code; }
  console.log(amount_out, minimum_received_atomic, after);
`;

const HOLDERS = {
  'a ref of Vue': [`import { ref } from 'vue';`, 'ref(inside).value'],
  'a reactive object of Vue': [`import { reactive } from 'vue';`, 'reactive({ engine: inside }).engine'],
  'a readonly one of Vue': [`import { readonly } from 'vue';`, 'readonly({ engine: inside }).engine'],
  'an observable of MobX': [`import { observable } from 'mobx';`, 'observable({ engine: inside }).engine'],
  'a plain proxy': ['', 'new Proxy(inside, {})'],
};

let folder;
before(async () => {
  folder = await application(Object.fromEntries(Object.values(HOLDERS).map((holder, at) => [`${at}.mjs`, program(...holder)])));
});

for (const [at, name] of Object.keys(HOLDERS).entries()) {
  test(`quotes through ${name}`, async () => {
    assert.equal(await printed(folder, `${at}.mjs`), `${ONE_BTC_GIVES} ENGINE_FREED`);
  });
}
