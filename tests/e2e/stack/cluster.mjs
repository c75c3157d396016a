// A real Redis Cluster of three nodes, each with its third of the slots.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { startRedis } from './redis.mjs';

const run = promisify(execFile);
const NODES = 3;

/** Starts it; gives its nodes, as `startRedis` does. */
export async function startCluster() {
  const nodes = [];
  for (let n = 0; n < NODES; n += 1) {
    // The usual port of the bus, 10 000 higher, may not exist.
    const bus = String(await freePort());
    nodes.push(await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-port', bus] }));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
  for (const node of nodes) await agreed(node);
  return nodes;
}

async function agreed(node) {
  const end = Date.now() + 30_000;
  while (!(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
    if (Date.now() > end) throw new Error('the nodes of the cluster do not agree');
    await sleep(100);
  }
}

/** Runs commands on the nodes that have their keys: `['SET', key, value]` and the like. */
export async function scatter(nodes, commands) {
  let left = commands;
  for (const node of nodes) {
    left = await node.session(async (client) => {
      const elsewhere = [];
      for (const command of left) {
        try {
          await client.sendCommand(command.map(String));
        } catch (error) {
          if (!String(error).includes('MOVED')) throw error;
          elsewhere.push(command);
        }
      }
      return elsewhere;
    });
  }
  if (left.length > 0) throw new Error(`no node has ${left[0][1]}`);
}
