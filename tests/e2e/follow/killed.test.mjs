// `kill -9` at every step of a block, through a proxy that sees what the follower says to Redis.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);

/** Passes everything on, until `trap({ said, chunk })` gives how many bytes of a chunk still go through; then nothing does. */
async function startProxy(target) {
  const proxy = { trap: undefined, sprung: undefined };
  const server = createServer((client) => {
    const redis = connect(target.port, '127.0.0.1');
    let [said, closed] = ['', false];
    for (const socket of [client, redis]) socket.on('error', () => {});
    client.on('data', (chunk) => {
      if (closed) return;
      said += chunk.toString('latin1');
      const through = proxy.trap?.({ said, chunk, from: 'follower' });
      if (through === undefined) return redis.write(chunk);
      closed = true;
      redis.write(chunk.subarray(0, through), () => proxy.sprung());
    });
    redis.on('data', (chunk) => {
      if (closed) return;
      const through = proxy.trap?.({ said, chunk, from: 'redis' });
      if (through === undefined) return client.write(chunk);
      closed = true;
      proxy.sprung();
    });
    client.on('close', () => redis.destroy());
    redis.on('close', () => client.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.close());
  proxy.url = `redis://127.0.0.1:${server.address().port}`;
  return proxy;
}

const hasExec = (said) => said.includes('\r\nEXEC\r\n');
const STEPS = {
  'before it asks for anything': ({ said, from }) => (from === 'follower' && said.includes('WATCH') ? 0 : undefined),
  'after Redis told it the tip': ({ said, from }) => (from === 'redis' && said.includes('WATCH') && !hasExec(said) ? 0 : undefined),
  'amid the transaction': ({ said, chunk, from }) =>
    from === 'follower' && said.includes('MULTI') ? Math.floor(chunk.length / 2) : undefined,
  'with all of the transaction but its last byte': ({ said, chunk, from }) =>
    // What the next block begins with is behind it.
    from === 'follower' && hasExec(said) ? chunk.lastIndexOf('\r\nEXEC\r\n') + '\r\nEXEC\r\n'.length - 1 : undefined,
  'when Redis has run it and the answer is on its way': ({ said, from }) => (from === 'redis' && hasExec(said) ? 0 : undefined),
};

/** A block right behind another one asks nothing: the answers came with that one's. */
const AFTER_A_PAUSE = new Set(['before it asks for anything', 'after Redis told it the tip']);

test('a follower that is killed amid a block leaves all of it or nothing, and goes on', async () => {
  // A block with many events, one that creates a pool, and a quiet one.
  const chosen = [7, blocks.findIndex(({ events }) => events.length === 0), 40];
  const after = new Map();
  {
    const redis = await startRedis();
    const follower = await startFollower({ redis, recording });
    for (const [at, block] of blocks.slice(0, Math.max(...chosen) + 1).entries()) {
      if (chosen.includes(at)) after.set(at - 1, await contents(redis));
      await follower.take(block);
      if (chosen.includes(at)) after.set(at, await contents(redis));
    }
  }
  for (const at of chosen) {
    for (const [step, trap] of Object.entries(STEPS)) {
      const told = `block ${at}, ${step}`;
      const redis = await startRedis();
      const proxy = await startProxy(redis);
      const follower = await startFollower({ redis, redisUrl: proxy.url, recording });
      await follower.take(...blocks.slice(0, at));
      if (AFTER_A_PAUSE.has(step)) {
        // The lease is renewed: what the last block's message asked is of no use, and the next one asks first.
        await new Promise((resolve) => (proxy.trap = ({ from }) => void (from === 'redis' && resolve())));
      }
      const sprung = new Promise((resolve) => (proxy.sprung = resolve));
      let spoken = '';
      // What was said before this block does not count.
      proxy.trap = ({ said, ...rest }) => {
        if (rest.from === 'follower') spoken += rest.chunk.toString('latin1');
        return trap({ said: spoken, ...rest });
      };
      const post = follower.post(blocks[at]).catch((error) => error);
      await sprung;
      await follower.kill();
      assert.ok((await post) instanceof Error, `${told}: it was answered`);
      proxy.trap = undefined;
      const isDone = step.startsWith('when Redis has run it');
      const found = await contents(redis);
      assert.deepEqual(found, after.get(isDone ? at : at - 1), told);
      await follower.launch();
      await follower.take(blocks[at]);
      assert.deepEqual(await contents(redis), after.get(at), told);
      await redis.stop();
    }
  }
});
