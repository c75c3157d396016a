// The playground: starts its parts and keeps the quote fresh.
import { LocalEngine } from './quote/local.ts';
import { Session } from './session.ts';
import { TradeForm } from './trade/form.ts';
import { tradeOf } from './trade/link.ts';
import { setControls } from './view/comparison.ts';
import { button, el } from './view/dom.ts';
import { startKeyForm } from './view/key-form.ts';
import { startThemeButton } from './view/theme-button.ts';
import { startTransaction } from './view/transaction.ts';

/** Typing settles for this long before anything is asked. */
const SETTLE_MS = 200;
const INTERVALS: [string, number][] = [
  ['every 5 s', 5000],
  ['every 30 s', 30_000],
  ['by hand', 0],
];

startThemeButton();
const local = new LocalEngine();
let settled: ReturnType<typeof setTimeout> | undefined;
const form = new TradeForm(tradeOf(location.search), () => {
  clearTimeout(settled);
  settled = setTimeout(() => void session.ask(), SETTLE_MS);
});
const session = new Session(form, local);

async function refresh() {
  await local.refresh();
  offerTokens();
  await session.refresh();
}

startTransaction(
  () => form.trade,
  (token) => local.market?.decimalsOf(token),
);

startKeyForm(async () => {
  await local.refresh();
  offerTokens();
  await session.ask();
});

/** Offers the tokens of the market; where none is chosen yet, the first pair, BTC and USDC if they are there. */
function offerTokens() {
  const { market } = local;
  if (market === undefined) return;
  form.offer(market.tokens);
  if (form.trade.token_in !== '' && form.trade.token_out !== '') return;
  const pair = market.pairs.find(([x, y]) => x === 'BTC' && y === 'USDC') ?? market.pairs[0];
  if (pair === undefined) return;
  const [token_in, token_out] = pair;
  form.show({ ...form.trade, token_in: form.trade.token_in || token_in, token_out: form.trade.token_out || token_out });
}

let timer: ReturnType<typeof setInterval> | undefined;
function keepFresh(everyMs: number) {
  clearInterval(timer);
  if (everyMs === 0) return;
  timer = setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, everyMs);
}

const interval = el('select', { id: 'interval' }, ...INTERVALS.map(([name, ms]) => el('option', { value: ms }, name)));
interval.addEventListener('change', () => keepFresh(Number(interval.value)));
setControls(
  button('Verify the edge', 'quiet', () => void session.verify()),
  button('Refresh now', 'quiet', () => void refresh()),
  el('label', { for: 'interval' }, 'Refresh', interval),
);

for (const event of ['online', 'offline']) addEventListener(event, () => void refresh());
addEventListener('popstate', () => {
  form.show(tradeOf(location.search));
  void session.ask();
});

await local.start();
offerTokens();
if (form.trade.token_in !== '') void session.ask();
if ((await local.refresh()).ok || form.trade.token_in === '') {
  offerTokens();
  await session.ask();
}
keepFresh(Number(interval.value));

// Offline visits need it, this one does not: its failure costs nothing now.
await navigator.serviceWorker?.register('/service-worker.js').catch(() => undefined);
