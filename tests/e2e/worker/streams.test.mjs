// Streams: what moves in Redis is told once and in order, what does not move is not told, and a stream ends as it should.
import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { startGateway, startWorker, upstashVars } from '../stack/index.mjs';
import { closeStreams, connected, heard, metric, openStream, publish, settled, withPrice } from './event-stream.mjs';
import { bendValue, eventually, startMarket } from './market.mjs';

const QUOTE = '/quote/stream?token_in=BTC&token_out=USDC&amount_in=1';
const BIN = 'bin:BTC-USDC-25:500';
const OTHER = 'bin:SOL-USDC-25:500';

afterEach(closeStreams);

describe('a quote', () => {
  let market;
  before(async () => {
    market = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
    // Only one pool, so that each of its prices is in the answer.
    await bendValue(market.redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  });

  test('is told at once, and again when its pools move, as a fresh one would be', async () => {
    const { worker, redis } = market;
    const stream = await openStream(worker, QUOTE);
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream');
    assert.equal(stream.response.headers.get('access-control-allow-origin'), '*');
    const first = await stream.next();
    assert.deepEqual([first.event, first.data.amount_out], ['quote', 99900]);
    await heard(worker, redis);
    const began = Date.now();
    const seq = await publish(redis, ['BTC-USDC-25'], [await withPrice(redis, BIN, 90000)]);
    const second = await stream.next(({ data }) => data.amount_out === 89910, 1);
    assert.equal(second.id, seq);
    console.log(`# an event ${second.at - began} ms after the change`);
    const fresh = await (await worker.fetch(QUOTE.replace('/stream', ''))).text();
    assert.equal(settled(second.text), settled(fresh));
    stream.close();
  });

  test('is not told again where nothing in it changed', async () => {
    const { worker, redis } = market;
    // From the first heartbeat on, answers say which age is old.
    await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()));
    const stream = await openStream(worker, QUOTE);
    const first = await stream.next();
    await heard(worker, redis);
    // Another pool, the same text once more, a heartbeat.
    await publish(redis, ['SOL-USDC-25'], [await withPrice(redis, OTHER, 201)]);
    await publish(redis, ['BTC-USDC-25'], [[BIN, await redis.command('GET', BIN)]]);
    await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()));
    await publish(redis, ['BTC-USDC-25'], []);
    const seq = await publish(redis, ['BTC-USDC-25'], [await withPrice(redis, BIN, 80000)]);
    const next = await stream.next(() => true, 1);
    assert.deepEqual([stream.events.length, next.id, next.data.amount_out], [2, seq, 79920]);
    assert.ok(next.id > first.id);
    stream.close();
  });

  test('tells each block, and a refusal once', async () => {
    const { worker, redis } = market;
    const stream = await openStream(worker, `${QUOTE}&min_block_height=7`);
    const first = await stream.next();
    assert.deepEqual([first.event, first.data.error.code], ['refused', 'STALE_STATE']);
    await heard(worker, redis);
    await publish(redis, [], [], { block_height: 7 });
    const block = await stream.next(({ event }) => event === 'quote', 1);
    assert.equal(block.data.state.block_height, 7);
    await publish(redis, [], [], { block_height: 8 });
    const next = await stream.next(({ data }) => data.state?.block_height === 8, 2);
    assert.deepEqual(stream.events.map(({ event }) => event), ['refused', 'quote', 'quote']);
    assert.ok(next.id > block.id);
    stream.close();
  });

  test('of a thousand changes the last one is that of a fresh quote, and none is older than the one before', async () => {
    const { worker, redis } = market;
    const streams = await Promise.all(Array.from({ length: 3 }, (_, at) => openStream(worker, QUOTE.replace('=1', `=${at + 1}`))));
    await Promise.all(streams.map((stream) => stream.next()));
    await heard(worker, redis);
    const { 1: text } = await withPrice(redis, BIN, 0);
    const seqOf = new Map();
    for (let burst = 0; burst < 10; burst += 1) {
      await connected(redis, async (producer) => {
        for (let at = 0; at < 100; at += 1) {
          const price = 90000 + burst * 100 + at;
          seqOf.set(price, await publish(producer, ['BTC-USDC-25'], [[BIN, text.replace('"price":0', `"price":${price}`)]]));
        }
      });
      const last = 90000 + burst * 100 + 99;
      for (const [at, stream] of streams.entries()) {
        const event = await stream.next(({ data }) => Number(data.steps?.[0].price) === last);
        const fresh = await (await worker.fetch(QUOTE.replace('/stream', '').replace('=1', `=${at + 1}`))).text();
        assert.equal(settled(event.text), settled(fresh));
      }
    }
    for (const { events } of streams) {
      const prices = events.map(({ data }) => Number(data.steps[0].price));
      assert.deepEqual(prices.slice(1), prices.slice(1).toSorted((a, b) => a - b), 'never back');
      for (const { id, data } of events.slice(1)) assert.ok(id <= seqOf.get(Number(data.steps[0].price)), 'no id is ahead of its state');
    }
    const told = streams.map(({ events }) => events.length);
    console.log(`# events of 1000 changes: ${told}; merged: ${await metric(worker, 'dlmm_stream_merged_changes_total')}`);
    streams.forEach((stream) => stream.close());
  });

  test('all that was begun ends when the client goes', async () => {
    const { worker, redis } = market;
    const streams = await Promise.all([1, 2, 3].map((amount) => openStream(worker, QUOTE.replace('=1', `=${amount}`))));
    await Promise.all(streams.map((stream) => stream.next()));
    await heard(worker, redis);
    const subscribers = async () => (await redis.command('PUBSUB', 'NUMSUB', 'dlmm:changes'))[1];
    assert.ok((await subscribers()) >= 3);
    streams.forEach((stream) => stream.close());
    let price = 70000;
    // The platform tells that a client has gone when something is written to it.
    await eventually(async () => {
      await publish(redis, ['BTC-USDC-25'], [await withPrice(redis, BIN, (price += 1))]);
      const open = [await metric(worker, 'dlmm_streams'), await metric(worker, 'dlmm_stream_subscriptions'), await subscribers()];
      return open.every((count) => count === 0) ? true : undefined;
    }, 30_000);
  });

  test('what is wrong with a request is refused before a stream begins', async () => {
    const { worker } = market;
    for (const [path, field] of [
      ['/quote/stream?token_in=BTC', 'token_out'],
      ['/quote/stream?token_in=BTC&token_out=USDC&amount_in=1&gas=1', 'gas'],
      ['/quote/stream?token_in=BTC&token_out=USDC&amount_in=0', 'amount_in'],
      ['/quote/stream?token_in=BTC&token_out=USDC&amount_in=0.123456789', 'amount_in'],
      ['/changes', 'pools'],
      ['/changes?pools=A&token_in=BTC', 'pools'],
      ['/changes?token_in=BTC', 'token_out'],
    ]) {
      const response = await worker.fetch(path);
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code, error.details.field], [400, 'INVALID_REQUEST', field], path);
    }
    const planned = await worker.fetch(`${QUOTE}&plan_sender=SP3FBR2AGK5H9QBDH3EEN6DF8EK8JY7RX8QJ5SVTE`);
    assert.deepEqual([planned.status, (await planned.json()).error.code], [422, 'PLAN_UNAVAILABLE'], 'the Worker has no router');
    const head = await worker.fetch(QUOTE, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream']);
    assert.equal((await worker.fetch(QUOTE, { method: 'POST' })).status, 405);
  });
});

describe('changes', () => {
  let market;
  before(async () => {
    market = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
  });

  test('begin with a snapshot and go on with every text that is new', async () => {
    const { worker, redis } = market;
    const [pair, pool] = await Promise.all(['/changes?token_in=BTC&token_out=SOL', '/changes?pools=BTC-USDC-25'].map((path) => openStream(worker, path)));
    const first = await pair.next();
    assert.deepEqual([first.event, first.data.format, first.data.pools.length], ['snapshot', 'dlmm-snapshot/1', 3]);
    assert.equal((await pool.next()).data.pools.length, 1);
    await heard(worker, redis);
    const changed = await withPrice(redis, BIN, 90000);
    const seq = await publish(redis, ['BTC-USDC-25'], [changed, [OTHER, await redis.command('GET', OTHER)]]);
    const second = await pair.next(() => true, 1);
    assert.deepEqual([second.event, second.id, second.data.keys], ['changes', seq, Object.fromEntries([changed])]);
    assert.match(second.data.taken_at, /^\d{4}-/);
    await pool.next(() => true, 1);
    // Without the texts they are read; a bin that is gone is told as that.
    await redis.command('DEL', 'bin:BTC-USDC-25:499');
    await publish(redis, ['BTC-USDC-25'], [await withPrice(redis, BIN, 91000)], { keys: false });
    const third = await pair.next(() => true, 2);
    assert.deepEqual(Object.keys(third.data.keys).toSorted(), ['bin:BTC-USDC-25:499', BIN]);
    assert.equal(third.data.keys['bin:BTC-USDC-25:499'], null);
    assert.equal(JSON.parse(third.data.keys[BIN]).price, 91000);
    await pool.next(() => true, 2);
    await publish(redis, ['SOL-USDC-25'], [await withPrice(redis, OTHER, 333)]);
    await pair.next(() => true, 3);
    assert.equal(pool.events.length, 3, 'another pool is not its business');
    [pair, pool].forEach((stream) => stream.close());
  });

  test('go on from the last event, or begin anew', async () => {
    const { worker, redis } = market;
    const path = '/changes?pools=BTC-USDC-25';
    const stream = await openStream(worker, path);
    await stream.next();
    await heard(worker, redis);
    await publish(redis, ['BTC-USDC-25'], [await withPrice(redis, BIN, 92000)]);
    const { id, lastEventId } = await stream.next(() => true, 1);
    stream.close();
    const before = await metric(worker, 'dlmm_streams');
    // Told to nobody that is left, missed by the client.
    const missed = await withPrice(redis, BIN, 93000);
    await publish(redis, ['SOL-USDC-25'], []);
    await eventually(async () => {
      await publish(redis, [], [], { block_height: Math.floor(Math.random() * 1e9) });
      return (await metric(worker, 'dlmm_streams')) < before ? true : undefined;
    }, 30_000);
    await redis.transaction([['SET', ...missed]]);
    const again = await openStream(worker, path, { headers: { 'last-event-id': lastEventId } });
    const first = await again.next();
    assert.deepEqual([first.event, Object.keys(first.data.keys ?? {})], ['changes', [BIN]]);
    again.close();
    // Another count, no state, the state of another moment: nobody knows what that client has.
    for (const text of ['1', String(id), lastEventId.replace(/^\d+/, '1'), lastEventId.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
      const anew = await openStream(worker, path, { headers: { 'last-event-id': text } });
      assert.equal((await anew.next()).event, 'snapshot', text);
      anew.close();
    }
  });

  test('say now and then that the producer lives, and at once to whoever comes back', async () => {
    const { worker, redis } = market;
    const beats = (text) => redis.command('HSET', 'metadata', 'heartbeat_ms', text);
    await beats(String(Date.now()));
    const path = '/changes?pools=SOL-USDC-25';
    const stream = await openStream(worker, path);
    const { id } = await stream.next();
    await heard(worker, redis);
    const later = String(Date.now() + 1);
    await beats(later);
    // What is told where nothing changes comes after 15 s of silence.
    const told = await eventually(async () => stream.events[1], 40_000);
    assert.deepEqual([told.event, told.data.keys, told.data.heartbeat_ms], ['changes', {}, later]);
    stream.close();
    await eventually(async () => ((await metric(worker, 'dlmm_streams')) === 0 ? true : undefined), 30_000);
    const again = await openStream(worker, path, { headers: { 'last-event-id': told.lastEventId } });
    const began = Date.now();
    const first = await again.next();
    assert.deepEqual([first.event, first.data.keys, first.data.heartbeat_ms], ['changes', {}, later]);
    assert.ok(told.id >= id && Date.now() - began < 10_000, 'not after 15 s');
    again.close();
  });

  test('of a pool that is not there are refused, until it is', async () => {
    const { worker, redis } = market;
    const stream = await openStream(worker, '/changes?pools=NEW');
    const first = await stream.next();
    assert.deepEqual([first.event, first.data.error.code], ['refused', 'UNKNOWN_POOL']);
    await heard(worker, redis);
    const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-25'));
    await publish(redis, ['NEW'], [['pool:NEW', JSON.stringify({ ...pool, pool_id: 'NEW' })]]);
    const next = await stream.next(() => true, 1);
    assert.deepEqual([next.event, next.data.pools[0].pool_id], ['snapshot', 'NEW']);
    stream.close();
  });
});

describe('a stream', () => {
  test('polls where it hears nothing, and sees what nobody told', async () => {
    const { worker, redis } = await startMarket({ vars: { STREAM_POLL_MS: '200' } });
    const [quote, changes] = await Promise.all([QUOTE, '/changes?pools=BTC-USDC-25'].map((path) => openStream(worker, path)));
    await Promise.all([quote.next(), changes.next()]);
    await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
    await bendValue(redis, BIN, (bin) => (bin.price = 90000));
    const told = await quote.next(({ data }) => data.amount_out === 89910);
    const keys = await changes.next(() => true, 1);
    assert.deepEqual(Object.keys(keys.data.keys), [BIN]);
    assert.ok((await metric(worker, 'dlmm_stream_polls_total')) > 0);
    assert.ok(told.id >= quote.events[0].id);
    [quote, changes].forEach((stream) => stream.close());
  });

  test('polls where the token may not listen', async () => {
    const { redis } = await startMarket();
    const token = 'a-token-that-may-only-read';
    await redis.command('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', '-subscribe', 'resetchannels');
    const gateway = await startGateway({ redisUrl: redis.url.replace('redis://', 'redis://deaf:secret@'), token });
    const worker = await startWorker({ vars: { ...upstashVars(gateway), STREAM_POLL_MS: '200' } });
    const stream = await openStream(worker, QUOTE);
    await stream.next();
    await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
    await bendValue(redis, BIN, (bin) => (bin.price = 90000));
    await stream.next(({ data }) => data.amount_out === 89910);
    assert.equal(await metric(worker, 'dlmm_stream_subscriptions'), 0);
    stream.close();
  });

  test('ends after its time, and is refused where there are enough', async () => {
    const { worker } = await startMarket({ vars: { STREAM_MAX_SECONDS: '2', MAX_STREAMS: '2' } });
    const streams = await Promise.all([QUOTE, '/changes?pools=BTC-USDC-25'].map((path) => openStream(worker, path)));
    await Promise.all(streams.map((stream) => stream.next()));
    const full = await worker.fetch(QUOTE);
    const { error } = await full.json();
    assert.deepEqual([full.status, error.code, typeof error.details.retry_after], [503, 'STREAMS_FULL', 'number']);
    assert.equal(full.headers.get('retry-after'), String(error.details.retry_after));
    for (const stream of streams) {
      await eventually(async () => stream.ended);
      assert.deepEqual([stream.ended, stream.retry >= 500], ['whole', true]);
    }
    await eventually(async () => ((await metric(worker, 'dlmm_streams')) === 0 ? true : undefined));
    assert.equal(await metric(worker, 'dlmm_stream_subscriptions'), 0);
  });

  test('says that Redis is gone, and goes on when it is back', async () => {
    const { worker, redis, gateway } = await startMarket({ vars: { STREAM_POLL_MS: '200', REDIS_SOCKET_TIMEOUT: '1' } });
    const [quote, changes, quiet] = await Promise.all([QUOTE, '/changes?pools=BTC-USDC-25', '/changes?pools=SOL-USDC-25'].map((path) => openStream(worker, path)));
    await Promise.all([quote.next(), changes.next(), quiet.next()]);
    await gateway.stop();
    for (const stream of [quote, changes, quiet]) {
      const gone = await stream.next(({ event }) => event === 'refused');
      assert.match(gone.data.error.code, /^REDIS_/);
    }
    await redis.command('SET', ...(await withPrice(redis, BIN, 90000)));
    await startGateway({ redisUrl: redis.url, token: gateway.token, port: Number(new URL(gateway.url).port) });
    const from = changes.events.length;
    await quote.next(({ event }) => event === 'quote', quote.events.length);
    const next = await changes.next(({ event }) => event !== 'refused', from);
    assert.deepEqual([next.event, Object.keys(next.data.keys)], ['changes', [BIN]]);
    // Nothing changed there, but that it can be relied on again.
    const over = await quiet.next(({ event }) => event === 'changes');
    assert.deepEqual(over.data.keys, {});
    for (const { events } of [quote, changes, quiet]) assert.ok(events.every(({ id }) => id < 1_000), 'ids are counts, whatever failed in between');
  });

  test('waits for a client that reads slowly, and merges what happens meanwhile', async () => {
    const { worker, redis } = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
    const slow = await openStream(worker, '/changes?token_in=BTC&token_out=USDC', { paused: true });
    const quick = await openStream(worker, '/changes?token_in=BTC&token_out=USDC');
    await quick.next();
    await heard(worker, redis);
    const bins = JSON.parse(await redis.command('GET', BIN));
    await connected(redis, async (producer) => {
      for (let round = 1; round <= 300; round += 1) {
        // 60 kB each: far more than buffers on the way hold.
        const text = JSON.stringify({ ...bins, price: 90000 + round, note: 'x'.repeat(60_000) });
        await publish(producer, ['BTC-USDC-25'], [[BIN, text]], { keys: round % 2 === 0 });
      }
    });
    await quick.next(({ data }) => data.keys?.[BIN]?.includes('"price":90300'));
    slow.read();
    await slow.next(({ data }) => data.keys?.[BIN]?.includes('"price":90300'));
    assert.ok(slow.events.length < 290, `${slow.events.length} events`);
    assert.ok((await metric(worker, 'dlmm_stream_merged_changes_total')) > 0);
    [slow, quick].forEach((stream) => stream.close());
  });
});
