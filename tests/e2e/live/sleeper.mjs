// A program that holds a live engine, and says what it sees 50 times a second where that changes: `{"state", "amount", "slept"}`. The test stops and continues it, as a machine that sleeps.
import { QuoteClient } from '../../../web/pkg/client.js';

const [, , url, quietMs] = process.argv;
const live = await new QuoteClient({ url, quietMs: Number(quietMs) }).liveEngine({ tokens: ['BTC', 'USDC'] });
let said = '';
let looked = Date.now();

function look() {
  const now = Date.now();
  const slept = now - looked > Number(quietMs);
  // First of all: it may be stopped in the middle of this.
  looked = now;
  const [state, amount] = [live.state, live.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: '1' }).amount_out];
  const text = JSON.stringify({ state, amount, slept });
  if (text !== said) console.log((said = text));
}

setInterval(look, 20);
