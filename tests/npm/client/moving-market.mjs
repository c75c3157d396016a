// A market that moves, served as docs/http.md says: `/changes` with its events and resume, `/snapshot` by its tag, `/quote/stream`.
// Tests spoil it by replacing one of `service.answers`.
import { engine, oneBtc, snapshot } from '../market.mjs';
import { startService } from './scripted-service.mjs';

const bin = (price) => ({ bin_id: 500, x_amount: '10', y_amount: String(price * 10), price: String(price) });

/** Starts it, with 1 BTC at 100 USDC; `move` changes the price and tells every open stream. */
export async function startMovingMarket() {
  const truth = engine();
  const market = { price: 100, seq: 1, streams: new Set(), quoteStreams: new Set(), log: [] };
  const takenAt = () => new Date(Date.parse('2026-01-01T00:01:00Z') + market.seq * 1_000).toISOString();

  market.snapshot = () => {
    const copy = snapshot();
    copy.taken_at = takenAt();
    copy.pools[0].bins[1] = bin(market.price);
    return copy;
  };
  market.quote = () => {
    truth.applyUpdate({ 'bin:BTC-USDC:500': bin(market.price) });
    // Over HTTP amounts are numbers, whose text is exact.
    return JSON.stringify(truth.quote(oneBtc())).replace(/"(\d+\.\d+)"/g, '$1');
  };
  market.change = () => ({ taken_at: takenAt(), block_height: null, keys: { 'bin:BTC-USDC:500': JSON.stringify(bin(market.price)) } });

  const stream = (streams, first) => (call) => {
    call.open();
    first(call);
    streams.add(call);
    call.closed.then(() => streams.delete(call));
  };
  const answers = {
    '/changes': stream(market.streams, (call) => {
      const last = Number(call.headers['last-event-id'] ?? 0);
      if (last === 0) call.event('snapshot', market.snapshot(), market.seq);
      else if (last < market.seq) call.event('changes', market.change(), market.seq);
      else call.event('changes', { ...market.change(), keys: {} }, market.seq);
    }),
    '/snapshot': (call) => {
      const etag = `W/"${market.price}"`;
      if (call.headers['if-none-match'] === etag) call.json('', { status: 304, headers: { etag } });
      else call.json(market.snapshot(), { headers: { etag } });
    },
    '/quote/stream': stream(market.quoteStreams, (call) => call.event('quote', market.quote(), market.seq)),
    '/quote': (call) => call.json(market.quote()),
  };
  market.service = await startService({ ...answers });
  market.usual = answers;

  /** The market moves. What no stream hears is heard later. */
  market.move = (price) => {
    market.price = price;
    market.seq += 1;
    for (const call of market.streams) call.event('changes', market.change(), market.seq);
    for (const call of market.quoteStreams) call.event('quote', market.quote(), market.seq);
  };
  return market;
}
