// The playground: starts its parts and keeps the quote fresh.
import { LocalEngine } from './quote/local.ts';
import { Session } from './session.ts';
import { TokenNames } from './state/token-names.ts';
import { TradeForm } from './trade/form.ts';
import { tradeOf, type UnitsGiven, unitsOf, waitsFor } from './trade/link.ts';
import { setControls } from './view/comparison.ts';
import { button, el } from './view/dom.ts';
import { startKeyForm } from './view/key-form.ts';
import { startPortions } from './view/portions.ts';
import { startShare } from './view/share.ts';
import { startThemeButton } from './view/theme-button.ts';
import { startTransaction } from './view/transaction.ts';
import { fromUnits } from './words/numbers.ts';

/** Typing settles for this long before anything is asked. */
const SETTLE_MS = 200;
/** Ages are written anew, and what is not told of changes asks, so often. */
const TICK_MS = 5000;
/** The copy for visits without a network is renewed so often while changes come by themselves. */
const COPY_MS = 20_000;
/** How the page stays fresh: by streams, or by asking every so often; 0 for never. */
const MODES: [name: string, everyMs: number | 'live'][] = [
  ['live', 'live'],
  ['every 30 s', 30_000],
  ['by hand', 0],
];

startThemeButton();
const local = new LocalEngine();
const names = new TokenNames();
let settled: ReturnType<typeof setTimeout> | undefined;
/** The amount of the link, until it can be written. */
let units: UnitsGiven | undefined;
const form = new TradeForm(tradeOf(location.search), () => {
  dropUnits();
  session.leave();
  clearTimeout(settled);
  settled = setTimeout(() => void session.ask(), SETTLE_MS);
});
const session = new Session(form, local, names);
const decimalsOf = (token: string) => names.decimalsOf(token);

takeLink();

async function refresh() {
  // Tokens come and go seldom; an edge that did not tell them is asked again.
  await Promise.all([local.refresh(form.trade), names.areListed ? undefined : names.refresh()]);
  // A market that could not be read before can be now.
  await ((await offerTokens()) ? session.ask() : session.refresh());
}

startTransaction({ trade: () => form.trade, isAsked: () => form.fault === undefined, local, decimalsOf });
startPortions({ trade: () => form.trade, local, decimalsOf, apply: (change) => session.apply(change) });
startShare();
startKeyForm(async () => {
  await Promise.all([local.refresh(form.trade), names.refresh()]);
  await offerTokens();
  await session.ask();
});

/** Takes note of an amount that the link gives in smallest units. */
function takeLink() {
  units = unitsOf(location.search);
  form.awaited = units && `The link gives the amount in smallest units of ${units.token}, whose decimals are not known yet.`;
}

/** Forgets that amount where the reader has chosen another one, or another side for it. */
function dropUnits() {
  if (units !== undefined && !waitsFor(units, form.trade)) [units, form.awaited] = [undefined, undefined];
}

/** Writes that amount once the decimals are known; gives whether it did. */
function takeUnits(): boolean {
  dropUnits();
  const decimals = units && decimalsOf(units.token);
  if (units === undefined || decimals === undefined) return false;
  form.show({ ...form.trade, amount: fromUnits(units.units, decimals) });
  [units, form.awaited] = [undefined, undefined];
  return true;
}

/** Offers the tokens of the market; where none is chosen yet, a first pair. Gives whether the trade is another one by that. */
async function offerTokens(): Promise<boolean> {
  names.market = local.heldMarket;
  form.offer(names.tokens);
  const isTaken = takeUnits();
  if (form.trade.token_in !== '' && form.trade.token_out !== '') return isTaken;
  const pair = await names.firstPair();
  if (pair === undefined) return isTaken;
  const { trade } = form;
  // Whichever of the two is free, and never one token twice.
  const [first, second] = pair;
  const token_in = trade.token_in || (trade.token_out === first ? second : first);
  const token_out = trade.token_out || (token_in === second ? first : second);
  form.show({ ...trade, token_in, token_out });
  return true;
}

let timer: ReturnType<typeof setInterval> | undefined;
let copiedAt = 0;

function keepFresh(everyMs: number | 'live') {
  clearInterval(timer);
  const wasLive = session.isLive;
  session.isLive = everyMs === 'live';
  if (everyMs === 'live') {
    if (!wasLive) void session.ask();
    timer = setInterval(() => void tick(), TICK_MS);
    return;
  }
  session.rest(everyMs === 0 ? 'by hand' : 'every 30 s');
  if (everyMs > 0) timer = setInterval(() => document.visibilityState === 'visible' && void refresh(), everyMs);
}

async function tick() {
  session.renewWay();
  // An edge that takes its time is not asked anew before it has answered: each question ends the one before.
  if (document.visibilityState !== 'visible' || session.isAsking) return;
  // Where there is no trade there is nothing to hear.
  if (!names.areListed || (!session.hearsChanges && form.fault === undefined)) return refresh();
  if (Date.now() - copiedAt >= COPY_MS) {
    copiedAt = Date.now();
    await local.refresh(form.trade);
  }
  session.renew();
}

// Nobody looks: the stream is left to others.
let resting: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(resting);
  if (!session.isLive) return;
  if (document.visibilityState === 'hidden') resting = setTimeout(() => session.rest(undefined), 60_000);
  else if (!session.hearsChanges) void session.ask();
});

const mode = el('select', { id: 'interval' }, ...MODES.map(([name, ms]) => el('option', { value: ms }, name)));
mode.addEventListener('change', () => keepFresh(mode.value === 'live' ? 'live' : Number(mode.value)));
setControls(
  button('Verify the edge', 'quiet', () => void session.verify()),
  button('Refresh now', 'quiet', () => void refresh()),
  el('label', { for: 'interval' }, 'Refresh', mode),
);

for (const event of ['online', 'offline']) addEventListener(event, () => void refresh());
addEventListener('popstate', () => {
  form.show(tradeOf(location.search));
  takeLink();
  takeUnits();
  void session.ask();
});

await local.start();
// What an earlier visit kept is there before anything is asked.
names.market = local.heldMarket;
form.offer(names.tokens);
takeUnits();
if (form.trade.token_in !== '' && form.trade.token_out !== '') {
  // Another amount than that of the link must not be quoted meanwhile.
  if (units === undefined) void session.ask();
}
else if (local.market !== undefined) await offerTokens().then(() => void session.ask());
const waited = units !== undefined;
const [refreshed] = await Promise.all([local.refresh(form.trade), names.refresh()]);
await offerTokens();
if (waited || refreshed.ok || form.trade.token_in === '' || local.market === undefined) await session.ask();
keepFresh('live');

// Offline visits need it, this one does not: its failure costs nothing now.
await navigator.serviceWorker?.register('/service-worker.js').catch(() => undefined);
