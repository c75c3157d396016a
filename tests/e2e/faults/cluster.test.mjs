// A Redis Cluster behind the gateway: said to be one, whatever happens to lie on the node that is asked.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { dlmm } from '../cli/dlmm.mjs';
import { startCluster, scatter } from '../stack/cluster.mjs';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, dlmm as seedWith } from '../worker/market.mjs';

const WORDS = ['MOVED', 'ASK', 'CROSSSLOT', 'CLUSTERDOWN', 'TRYAGAIN'];

/** What the sample holds, as commands. */
async function sample() {
  const redis = await startRedis();
  await seedWith(['seed', '--redis', redis.url]);
  const commands = [];
  for (const key of (await redis.command('KEYS', '*')).sort()) {
    const type = await redis.command('TYPE', key);
    if (type === 'string') commands.push(['SET', key, await redis.command('GET', key)]);
    else if (type === 'set') commands.push(['SADD', key, ...(await redis.command('SMEMBERS', key))]);
    else commands.push(['HSET', key, ...(await redis.command('HGETALL', key))]);
  }
  return commands;
}

let nodes;
let commands;
before(async () => {
  nodes = await startCluster();
  commands = await sample();
});

/** A Worker in front of each node. */
async function workers() {
  const started = [];
  for (const node of nodes) {
    const gateway = await startGateway({ redisUrl: node.url });
    started.push(await startWorker({ vars: upstashVars(gateway) }));
  }
  return started;
}

const ask = async (worker, path, request) => {
  const init = request === undefined ? {} : { method: 'POST', body: JSON.stringify(request) };
  const response = await worker.fetch(path, init);
  return { status: response.status, body: await response.json() };
};

async function assertSaid() {
  for (const worker of await workers()) {
    for (const [path, request] of [['/quote', ONE_BTC], ['/quote', { ...ONE_BTC, token_in: 'SOL', strict: true }], ['/pools'], ['/snapshot']]) {
      const answer = await ask(worker, path, request);
      const { reason } = assertRefused(answer, 'CLUSTER_UNSUPPORTED', 502);
      assert.ok(WORDS.includes(reason), reason);
      assert.match(answer.body.error.message, /cluster-enabled no/);
      assert.doesNotMatch(JSON.stringify(answer.body), /127\.0\.0\.1/);
    }
    const health = await ask(worker, '/health');
    assert.deepEqual([health.status, health.body.status, health.body.problems], [503, 'down', ['CLUSTER_UNSUPPORTED']]);
  }
  for (const node of nodes) {
    for (const args of [['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json'], ['status'], ['verify'], ['snapshot']]) {
      const { status, stdout, stderr } = await dlmm(args, { redis: node });
      assert.notEqual(status, 0, args[0]);
      assert.match(stdout + stderr, /cluster-enabled no/, args[0]);
    }
  }
}

test('an empty cluster is no empty market', () => assertSaid());

test('a cluster that holds the sample: from every node', async () => {
  await scatter(nodes, commands);
  await assertSaid();
});

test('without the set of pools a scan of one node is not taken for all of them', async () => {
  await scatter(nodes, [['DEL', 'pools'], ['DEL', 'metadata']]);
  await assertSaid();
});
